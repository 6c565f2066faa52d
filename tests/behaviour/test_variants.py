from __future__ import annotations

import ast

from reviewer.behaviour.values import Vocabulary
from reviewer.behaviour.variants import Seed, make_batch, subset

MODULE = """import m
def test_a(): assert m.f(1, 'x')
def test_b(): assert m.f(2)
class TestC:
    def test_c(self): m.f(3)
"""
NONE = Vocabulary()


def seed(name: str, *, near: bool = True, seconds: float = 0.0) -> Seed:
    return Seed("test_m.py", MODULE, name, near, seconds=seconds)


def test_a_batch_is_files_with_nothing_but_variants() -> None:
    batch = make_batch([seed("test_a"), seed("TestC.test_c")], NONE, 40, 0, 10.0)
    tree = ast.parse(batch.files["test_m.py"])
    names = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    assert names == {name for _, name in batch.variants}
    assert all("__v" in name for name in names)
    assert len(names) == 40
    some = next(name for _, name in batch.variants if name.startswith("test_c"))
    assert batch.variant(f"test_m.py::TestC::{some}[1-2]") is batch.variants["test_m.py", some]
    assert batch.variant("test_m.py::test_a") is None


def test_near_seeds_get_more_and_slow_ones_less() -> None:
    def counts(*seeds: Seed) -> list[int]:
        batch = make_batch(seeds, NONE, 40, 0, 2.0)
        return [sum(v.seed is s for v in batch.variants.values()) for s in seeds]

    near, far = counts(seed("test_a"), seed("test_b", near=False))
    assert near == 3 * far
    one, *many = counts(seed("test_a"), *(seed("test_b", near=False) for _ in range(9)))
    assert one > sum(many)
    fast, slow = counts(seed("test_a"), seed("test_b", seconds=0.5))
    assert (fast, slow) == (20, 2)


def test_a_seed_that_is_not_there_is_left_out() -> None:
    assert make_batch([seed("test_z")], NONE, 10, 0, 1.0).variants == {}


def test_a_subset_has_the_chosen_alone() -> None:
    batch = make_batch([seed("test_a"), seed("test_b")], NONE, 20, 0, 10.0)
    (path, name), *_ = batch.variants
    some = subset(batch, [f"{path}::{name}"])
    assert list(some.variants) == [(path, name)]
    assert "test_b" not in some.files[path]
