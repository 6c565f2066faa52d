from __future__ import annotations

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.tasks.risk import risk


def _unit(text: str, changed: frozenset[int] | None = None, start: int = 1) -> Unit:
    lines = len(text.split("\n"))
    span = Span(start, start + lines - 1, text)
    every = frozenset(range(start, start + lines)) if changed is None else changed
    return Unit("a.py", "f", UnitKind.FUNCTION, None, span, every)


PLAIN = "def f(a):\n    b = a\n    c = b\n    return c"


def test_more_changed_lines_are_a_greater_risk() -> None:
    assert risk(_unit(PLAIN)) > risk(_unit(PLAIN, frozenset({2})))


def test_decisions_are_a_greater_risk() -> None:
    assert risk(_unit(PLAIN.replace("b = a", "b = a if a else 1"))) > risk(_unit(PLAIN))


def test_what_reaches_outside_is_a_greater_risk() -> None:
    assert risk(_unit(PLAIN.replace("b = a", "b = subprocess.run(a)"))) > risk(_unit(PLAIN))


def test_only_changed_lines_count_as_reaching() -> None:
    text = "def f(a):\n    eval(a)\n    return a"
    assert risk(_unit(text, frozenset({12}), 10)) < risk(_unit(text, frozenset({11}), 10))


def test_deleted_code_has_the_size_of_what_was_there() -> None:
    unit = Unit("a.py", "f", UnitKind.FUNCTION, Span(1, 4, PLAIN), None)
    assert risk(unit) >= 4
    assert risk(Unit("a.py", "f", UnitKind.FUNCTION, None, None)) == 0
