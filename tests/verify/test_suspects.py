from __future__ import annotations

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.verify.outcome import Frame, TestOutcome, TestRun
from reviewer.verify.suspects import suspects


def unit(name: str, start: int) -> Unit:
    return Unit("a.py", name, UnitKind.FUNCTION, None, Span(start, start + 2, f"def {name}():\n    x\n    y"))


SHARED, OWN, OTHER = unit("shared", 1), unit("own", 11), unit("other", 21)
ALL = (SHARED, OWN, OTHER)
PASSED = TestOutcome("t::b", "passed", lines={"a.py": (2, 3, 22)})


def names(failed: TestOutcome, said: str = "") -> list[tuple[str, int]]:
    run = TestRun({"t::a": failed, "t::b": PASSED})
    return [(s.unit.name, s.line) for s in suspects(ALL, failed, run, said)]


def test_what_only_the_failing_test_runs_comes_first_and_what_it_does_not_run_is_none() -> None:
    assert names(TestOutcome("t::a", "failed", lines={"a.py": (2, 12)})) == [("own", 12), ("shared", 2)]


def test_where_it_was_raised_comes_before_that() -> None:
    frames = (Frame("t.py", 1), Frame("a.py", 3))
    found = TestOutcome("t::a", "failed", frames=frames, lines={"a.py": (2, 3, 12)})
    assert names(found) == [("shared", 3), ("own", 12)]


def test_of_equals_the_one_that_the_statement_calls_comes_first() -> None:
    found = TestOutcome("t::a", "failed", lines={"a.py": (2, 22)})
    assert names(found, "assert other(1) == 2")[0] == ("other", 22)
    assert names(found, "assert shared(1) == 2")[0] == ("shared", 2)
