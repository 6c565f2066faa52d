from __future__ import annotations

import pytest

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.tasks.fix import Defect, Way, proposals
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

TEXT = '    def f(a):\n        """Add one."""\n        return a - 1\n'
UNIT = Unit("m.py", "C.f", UnitKind.METHOD, None, Span(3, 5, TEXT), frozenset({5}))
BUG = Defect("This test fails: assert f(1) == 2\n", ("assert f(1) == 2",), executed=True)
FLAW = Defect("Wrong at the line `x`: shell=True\n")


def silent(code: str) -> str:
    """Nothing is known of any proposal."""
    del code
    return ""


def test_nothing_is_asked_before_the_first_proposal_is_taken() -> None:
    provider = FakeProvider(["a"])
    iterator = proposals(Session(provider), UNIT, BUG, 8, silent)
    assert provider.requests == []
    assert next(iterator).code == "a"
    assert len(provider.requests) == 1


def test_the_failing_assertion_is_shown_and_the_unit_is_not_indented() -> None:
    provider = FakeProvider(["a"])
    next(proposals(Session(provider), UNIT, BUG, 8, silent))
    assert "This test fails: assert f(1) == 2" in provider.requests[0].prompt
    assert "\ndef f(a):" in provider.requests[0].prompt


@pytest.mark.parametrize("samples", range(1, 9))
def test_as_many_proposals_are_asked_for_as_samples_are_set(samples: int) -> None:
    pairs: dict[int, list[str | tuple[str, ...] | BaseException]] = {
        5: ["5"], 6: [("5", "6")], 7: [("5", "6"), "7"], 8: [("5", "6"), ("7", "8")],
    }  # fmt: skip
    provider = FakeProvider(["1", "2", "3", "What? ```python\n4\n```", *pairs.get(samples, [])])
    found = list(proposals(Session(provider), UNIT, BUG, samples, lambda code: f"{code} fails.\n"))
    assert [p.code.strip() for p in found] == [str(n + 1) for n in range(samples)]
    ways = [Way.REWRITE, Way.AGAIN, Way.ANEW, Way.THINK, Way.REWRITE, Way.REWRITE, Way.ANEW, Way.ANEW]
    assert [p.way for p in found] == ways[:samples]
    assert sum(r.samples for r in provider.requests) == samples
    assert [r.temperature > 0 for r in provider.requests[:4]] == [False] * min(samples, 4)


def test_writing_anew_hides_the_body_and_shows_what_must_hold() -> None:
    provider = FakeProvider(["a", "b"])
    list(proposals(Session(provider), UNIT, BUG, 2, silent))
    assert '"""Add one."""' in provider.requests[1].prompt
    assert "assert f(1) == 2" in provider.requests[1].prompt
    assert "a - 1" not in provider.requests[1].prompt


def test_a_second_try_shows_the_first_and_what_became_of_it() -> None:
    provider = FakeProvider(["def f(a): return 7", "b"])
    list(proposals(Session(provider), UNIT, BUG, 2, lambda code: f"{len(code)} characters fail.\n"))
    prompt = provider.requests[1].prompt
    assert "def f(a): return 7" in prompt
    assert "18 characters fail." in prompt
    assert "a - 1" not in prompt


def test_what_no_test_can_judge_is_not_written_anew_and_few_are_asked_for() -> None:
    provider = FakeProvider(["a", ("b", "c", "d")])
    found = list(proposals(Session(provider), UNIT, FLAW, 8, silent))
    assert [p.code for p in found] == ["a", "b", "c", "d"]
    assert "shell=True" in provider.requests[0].prompt


def test_no_two_requests_are_the_same() -> None:
    text = "def f(a):\n    return a - 1\n"  # nothing to write it anew from
    unit = Unit("m.py", "f", UnitKind.FUNCTION, None, Span(1, 2, text), frozenset({2}))
    provider = FakeProvider(["a", "b", ("c", "d"), ("e", "f", "g", "h")])
    found = list(proposals(Session(provider), unit, BUG, 8, silent))
    assert len(found) == 8
    assert len(set(provider.requests)) == len(provider.requests)


def test_blocks_are_left_alone() -> None:
    block = Unit("m.py", "", UnitKind.BLOCK, None, Span(1, 1, "x = 1"), frozenset({1}))
    assert list(proposals(Session(FakeProvider()), block, BUG, 4, silent)) == []
