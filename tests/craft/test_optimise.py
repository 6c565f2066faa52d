from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.craft.box import Box
from reviewer.craft.optimise import Optimised, optimise
from reviewer.craft.subject import subjects
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

SLOW = '''def unique(items):
    """Each item once."""
    kept = []
    for item in items:
        if item not in kept:
            kept.append(item)
    return kept
'''
FAST = "def unique(items):\n    return list(dict.fromkeys(items))\n"
WRONG = "def unique(items):\n    return sorted(set(items))\n"
SAME = SLOW.replace("kept", "found")
CALLS = "[1, 2, 2])\nunique(['b', 'a'])\nunique(x)\nos.remove('x')"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "slow.py"
    path.write_text(SLOW + "\n\nclass A:\n    def m(self):\n        pass\n")
    return path


def tried(box: Box, file: Path, *versions: str, name: str = "unique") -> Optimised:
    provider = FakeProvider([CALLS, versions[0], versions[1:]])
    return optimise(Session(provider), box, subjects(f"{file}::{name}")[0], len(versions), lambda _: None)


def test_a_faster_version_is_shown_with_its_patch_and_what_was_measured(box: Box, file: Path) -> None:
    found = tried(box, file, FAST)
    assert "+    return list(dict.fromkeys(items))" in found.patch
    assert found.text.startswith("def unique")
    assert found.speedup > 2
    assert found.compared > 20
    assert found.timings[-1].size > found.timings[0].size
    assert "raises TypeError with it" in found.outside


def test_a_version_that_answers_otherwise_is_refuted_and_the_next_is_tried(box: Box, file: Path) -> None:
    found = tried(box, file, WRONG, FAST)
    assert (found.tried, bool(found.patch)) == (2, True)


def test_where_all_are_refuted_nothing_is_shown_and_the_input_is_told(box: Box, file: Path) -> None:
    found = tried(box, file, WRONG)
    assert (found.patch, found.text) == ("", file.read_text())
    assert found.reason.startswith("a version was refuted: unique(")


def test_an_equal_version_that_is_not_faster_is_not_called_so(box: Box, file: Path) -> None:
    found = tried(box, file, SAME)
    assert found.patch == ""
    assert "below 1.2" in found.reason


def test_a_version_that_never_ends_is_ended(box: Box, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.craft.optimise.BUDGET", 1.0)
    found = tried(box, file, "def unique(items):\n    while True:\n        pass\n")
    assert found.reason == "the comparison did not end in its time"


def test_methods_are_not_called_with_values_of_our_own(box: Box, file: Path) -> None:
    assert "only plain functions" in tried(box, file, FAST, name="A.m").reason
