"""Programs that break at every turn: the review ends, says what was not done, and leaves nothing behind."""

from __future__ import annotations

import pytest

from .faults import FAULTS
from .place import Place

ENDLESS = {"hang", "hang that ignores signals"}
MEMORY = 700 * 1024 * 1024
GIT = [
    ("rev-parse", "silence"),
    ("rev-parse", "garbage"),
    ("diff-tree", "silence"),
    ("diff-tree", "garbage"),
    ("cat-file", "garbage"),
    ("cat-file", "silence"),
    ("mktree", "silence"),
    ("write-tree", "garbage"),
]


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - ENDLESS))
def test_ruff_breaks(place: Place, fault: str) -> None:
    place.spoil("ruff", FAULTS[fault])
    said = place.review("--no-tests")
    assert said.code == 1
    assert said.skipped("ruff")
    assert said.peak < MEMORY


@pytest.mark.parametrize("fault", sorted(ENDLESS))
def test_a_tool_that_hangs_is_ended_at_the_deadline(place: Place, fault: str) -> None:
    place.spoil("ruff", FAULTS[fault])
    said = place.review("--no-tests", "--deadline", "6")
    assert said.skipped("tools") == "deadline"
    assert said.seconds < 25  # the tool's own limit would be over later


@pytest.mark.parametrize(("command", "fault"), GIT)
def test_git_breaks(place: Place, command: str, fault: str) -> None:
    place.spoil("git", FAULTS[fault], command)
    said = place.review("--no-tests")
    assert said.code == 2
    assert "hint: " in said.err
