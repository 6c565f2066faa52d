from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from reviewer.behaviour.compare import Ground, Proved, Search
from reviewer.behaviour.difference import Kind
from reviewer.behaviour.values import Vocabulary
from reviewer.behaviour.variants import Seed
from reviewer.verify.runner import Bench

CODE = "def size(text):\n    return len(text.split())\n"
TEST = "from m import size\n\n\ndef test_size():\n    assert size('a b') == 2\n"


def never(_proved: Sequence[Proved]) -> bool:
    return False


@pytest.fixture
def ground(bench: Bench, tmp_path: Path) -> Ground:
    for side, text in (("base", CODE), ("head", CODE.replace("split()", "split(' ')"))):
        (tmp_path / side).mkdir()
        (tmp_path / side / "m.py").write_text(text)
    return Ground(bench, tmp_path / "base", tmp_path / "head", {"m.py": (2,)})


def search(ground: Ground, seconds: float = 60) -> Search:
    return Search(ground, Vocabulary(), time.monotonic() + seconds)


def test_a_varied_test_that_differs_is_proved_with_the_lines_it_ran(ground: Ground) -> None:
    looking = search(ground)
    proved = looking.run([Seed("test_m.py", TEST, "test_size")], [], bool)
    assert proved[0].difference.kind is Kind.VALUE
    assert proved[0].difference.variant.mutant.typed
    for one in proved:
        assert one.difference.variant.mutant.steps > 0
        assert one.ran == {"m.py": (2,)}
        assert "assert" in one.output
        assert one.node_id == f"{one.path}::test_size"
        assert not (ground.bench.root / one.path).exists()
    assert looking.tried > 20


def test_calls_that_the_base_takes_are_varied_further(ground: Ground) -> None:
    module = (
        "from m import size\n\n\ndef test_good():\n    assert size('x y')\n\n\ndef test_bad():\n    assert size(3)\n"
    )
    calls = [Seed("test_calls.py", module, name, known=False) for name in ("test_good", "test_bad")]
    proved = search(ground).run([], calls, bool)
    assert {one.difference.variant.seed.name for one in proved} == {"test_good"}


def test_it_goes_on_one_round_after_the_first_proof(ground: Ground) -> None:
    once, more = search(ground), search(ground)
    seeds = [Seed("test_m.py", TEST, "test_size")]
    once.run(seeds, [], bool)
    more.run(seeds, [], never)
    assert more.tried > once.tried


def test_nothing_is_run_when_the_time_is_spent(ground: Ground) -> None:
    late = search(ground, 0)
    assert late.run([Seed("test_m.py", TEST, "test_size")], [], never) == []
    assert late.tried == 0


def test_equal_sides_prove_nothing(ground: Ground) -> None:
    (ground.head / "m.py").write_text(CODE)
    assert search(ground, 6).run([Seed("test_m.py", TEST, "test_size")], [], never) == []
