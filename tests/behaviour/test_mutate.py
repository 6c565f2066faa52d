from __future__ import annotations

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.behaviour.mutate import mutants, one_row, rows_of
from reviewer.behaviour.values import Vocabulary

from .conftest import function_of

WORDS = Vocabulary(texts=("-v",), numbers=(7,), parameters={"join": ("items", "sep")}, probes=("join",))
TEST = """
def test_join():
    box = Box([1, "a b"], wide=True)
    out = box.join("x", 3)
    assert out == "ab"
    assert not (out or box) and 1 < 2
"""
ROWS = """
@pytest.mark.parametrize("a, b", [(1, 2), (3, 4)], ids=["x", "y"])
@pytest.mark.parametrize("c", ["p", "q"])
def test_rows(a, b, c):
    assert f(a, b, c) == 0
"""


def texts(source: str, most: int = 200, seed: int = 0) -> list[str]:
    return [ast.unparse(m.function) for m in mutants(function_of(source), WORDS, most, seed)]


def test_the_test_itself_comes_first_and_is_not_changed() -> None:
    function = function_of(TEST)
    before = ast.dump(function)
    first, *others = mutants(function, WORDS, 300)
    assert (first.steps, first.typed) == (0, True)
    assert ast.dump(first.function) == before == ast.dump(function)
    assert all(m.steps in {1, 2} for m in others)


def test_most_are_different_and_all_are_python() -> None:
    made = texts(TEST)
    for text in made:
        ast.parse(text)
    assert len(set(made)) > len(made) * 0.8


def test_another_seed_gives_others() -> None:
    assert set(texts(TEST, 40, 1)) - set(texts(TEST, 40, 0))
    assert texts(TEST, 40, 1) == texts(TEST, 40, 1)


def test_what_is_expected_stays() -> None:
    """A constant that a result is compared with says nothing of what may be fed in."""
    one_step = list(mutants(function_of(TEST.replace("not (out or box) and 1 < 2", "out")), WORDS, 900))
    assert all("'ab'" in ast.unparse(m.function) for m in one_step if "out =" in ast.unparse(m.function))


def test_a_changed_type_is_said() -> None:
    found = {
        ast.unparse(m.function.body[0]): m.typed for m in mutants(function_of("def test_a():\n    f(5)"), WORDS, 99)
    }
    assert found["f(None)"] is False
    assert found["f(6)"] is True


def test_probes_are_added_at_the_end() -> None:
    assert any(text.rstrip().endswith("assert box.join()") for text in texts(TEST, 400))


def test_one_row_of_each_parametrization_is_left() -> None:
    cut = one_row(function_of(ROWS), (1, 0))
    assert [ast.unparse(rows) for rows in rows_of(cut)] == ["[(3, 4)]", "['p']"]
    assert "ids" not in ast.unparse(cut)


def test_an_edited_row_is_the_one_that_is_kept() -> None:
    for mutant in mutants(function_of(ROWS), WORDS, 300):
        rows = rows_of(mutant.function)
        assert all(len(r.elts) == 1 for r in rows)
    assert any("(3, 5)" in text for text in texts(ROWS, 300))


LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=6) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(LITERALS, min_size=1, max_size=3), st.integers(0, 3))
def test_every_mutant_of_any_call_is_python(arguments: list[object], seed: int) -> None:
    source = f"def test_any():\n    assert f({', '.join(map(repr, arguments))}) is None"
    for mutant in mutants(function_of(source), WORDS, 30, seed):
        assert function_of(ast.unparse(ast.fix_missing_locations(mutant.function))).name == "test_any"
