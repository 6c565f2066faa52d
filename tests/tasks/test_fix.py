from __future__ import annotations

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.finding import Category, Finding, Location, Proof, Reproducer, Severity
from reviewer.tasks.fix import proposals
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

TEXT = '    def f(a):\n        """Add one."""\n        return a - 1\n'
UNIT = Unit("m.py", "C.f", UnitKind.METHOD, None, Span(3, 5, TEXT), frozenset({5}))
PLACE = Location("m.py", 5, 5)
BUG = Finding(
    "tests/regression", Category.BUG, Severity.ERROR, Proof.REPRODUCED, PLACE, "return a - 1", "m", ("tests",),
    reproducer=Reproducer("", "pytest", "pass", "fail", "E  assert f(1) == 2"),
)  # fmt: skip
FLAW = Finding("bandit/B602", Category.SECURITY, Severity.ERROR, Proof.TOOL, PLACE, "x", "shell=True", ("bandit",))


def test_nothing_is_asked_before_the_first_proposal_is_taken() -> None:
    provider = FakeProvider(["a"])
    iterator = proposals(Session(provider), BUG, UNIT, 4)
    assert provider.requests == []
    assert next(iterator) == "a"
    assert len(provider.requests) == 1


def test_the_failing_assertion_is_shown_and_the_unit_is_not_indented() -> None:
    provider = FakeProvider(["a", "b", ("c", "d", "e"), ("f", "g", "h")])
    assert list(proposals(Session(provider), BUG, UNIT, 4)) == list("abcdefgh")
    assert "E  assert f(1) == 2" in provider.requests[0].prompt
    assert "\ndef f(a):" in provider.requests[0].prompt


def test_writing_anew_hides_the_body() -> None:
    provider = FakeProvider(["a", "b"])
    list(proposals(Session(provider), BUG, UNIT, 1))
    assert '"""Add one."""' in provider.requests[1].prompt
    assert "a - 1" not in provider.requests[1].prompt


def test_a_flaw_is_not_written_anew() -> None:
    provider = FakeProvider(["a"])
    assert list(proposals(Session(provider), FLAW, UNIT, 1)) == ["a"]
    assert "shell=True" in provider.requests[0].prompt


def test_blocks_are_left_alone() -> None:
    block = Unit("m.py", "", UnitKind.BLOCK, None, Span(1, 1, "x = 1"), frozenset({1}))
    assert list(proposals(Session(FakeProvider()), BUG, block, 4)) == []
