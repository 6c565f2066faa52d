from __future__ import annotations

import time

import pytest

from reviewer.draft import Draft
from reviewer.finding import Category, Finding, Location, Proof, Severity
from reviewer.review import CommandRun, FailOn, Skipped

BUG = Finding("x/y", Category.BUG, Severity.ERROR, Proof.REPRODUCED, Location("a.py", 1, 1), "q", "m", ("s",))


def test_what_was_skipped_is_said_once_and_in_order() -> None:
    draft = Draft("b", "h")
    draft.skip([Skipped("x", "why"), Skipped("y", "why")])
    draft.skip(iter([Skipped("x", "why"), Skipped("x", "else")]))
    review = draft.review(FailOn.TOOL, "report")
    assert review.skipped == (Skipped("x", "why"), Skipped("y", "why"), Skipped("x", "else"))


def test_stages_are_timed_also_when_they_raise_and_add_up() -> None:
    draft = Draft("b", "h")
    with pytest.raises(KeyboardInterrupt), draft.stage("one"):
        raise KeyboardInterrupt
    with draft.stage("two"), draft.stage("one"):
        pass
    receipt = draft.review(FailOn.TOOL, "report").receipt
    assert list(receipt.stages) == ["one", "two"]
    assert receipt.seconds >= receipt.stages["two"] >= 0


def test_the_review_is_a_value_that_later_additions_do_not_change() -> None:
    draft = Draft("b", "h", "a change")
    draft.findings.append(BUG)
    draft.ran([CommandRun(("x",), 0, 0.1)])
    draft.rejected.update({"why": 1})
    review = draft.review(FailOn.REPRODUCED, "fail")
    draft.findings.clear()
    draft.rejected.update({"why": 1})
    draft.ran([CommandRun(("y",), 0, 0.1)])
    assert [f.blocking for f in review.findings] == [True]
    assert review.receipt.rejected == {"why": 1}
    assert review.receipt.commands == (CommandRun(("x",), 0, 0.1),)
    assert (review.base, review.head, review.on_incomplete, review.interrupted) == ("b", "h", "fail", False)


def test_a_deadline_is_late_when_it_has_come() -> None:
    now = time.monotonic()
    assert not Draft("b", "h").late
    assert Draft("b", "h").left > 10**6
    assert not Draft("b", "h", deadline=now + 100).late
    assert 0 < Draft("b", "h", deadline=now + 100).left <= 100
    assert Draft("b", "h", deadline=now).late
    assert Draft("b", "h", deadline=now - 5).left == 0.0
