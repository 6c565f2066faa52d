from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.finding import Suggestion, Verdict
from reviewer.report.edits import Edit, edits, proven
from reviewer.verify.patch import lines_of, unified
from tests.report.reviews import PATCH, REPRODUCED

LINES = st.lists(
    st.sampled_from(["a", "b", "--- a/x", "+++ b/y", "@@ -1 +1 @@", "", "\\ x", "c\r", "é\x0c"]), max_size=30
)


def applied(text: str, found: tuple[Edit, ...]) -> str:
    lines = lines_of(text)
    for edit in sorted(found, key=lambda e: e.start, reverse=True):
        assert 1 <= edit.start <= edit.end <= len(lines)
        lines[edit.start - 1 : edit.end] = [f"{line}\n" for line in edit.lines]
    return "".join(lines)


@given(LINES, LINES)
def test_edits_make_what_the_patch_makes(old: list[str], new: list[str]) -> None:
    before, after = "".join(f"{line}\n" for line in old), "".join(f"{line}\n" for line in new)
    found = edits(unified("a b.py", before, after))
    if old and old != new:
        assert {edit.path for edit in found} == {"a b.py"}
        assert applied(before, found) == after
    else:
        assert found == ()


def test_a_last_line_without_a_new_line() -> None:
    assert edits(unified("x", "a\nb", "a\nc\n")) == (Edit("x", 2, 2, ("c",)),)


@pytest.mark.parametrize("text", ["", "-a\n+b\n", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n", "+++ b/x\n@@ -0,0 +1 @@\n+a\n"])
def test_what_is_no_patch_of_a_head_is_no_edit(text: str) -> None:
    assert edits(text) == ()


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_what_passes_is_offered(verdict: Verdict) -> None:
    finding = replace(REPRODUCED, suggestion=Suggestion(PATCH, "", verdict))
    assert (proven(finding) is not None) == (verdict in {"verified", "passes"})
    assert proven(replace(REPRODUCED, suggestion=None)) is None
