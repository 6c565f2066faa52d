from __future__ import annotations

import pytest

from reviewer.change.spec import Spec, SpecKind, parse_spec
from reviewer.errors import UsageError


@pytest.mark.parametrize(
    ("revision", "staged", "worktree", "patch", "expected"),
    [
        (None, False, False, None, Spec(SpecKind.AUTO)),
        (None, True, False, None, Spec(SpecKind.STAGED)),
        (None, False, True, None, Spec(SpecKind.WORKTREE)),
        (None, False, False, b"", Spec(SpecKind.PATCH, "", b"")),
        ("main", False, False, None, Spec(SpecKind.WORKTREE, "main")),
        ("main", True, False, None, Spec(SpecKind.STAGED, "main")),
        ("main", False, False, b"x", Spec(SpecKind.PATCH, "main", b"x")),
        ("a..b", False, False, None, Spec(SpecKind.RANGE, "a..b")),
        ("a...b", False, False, None, Spec(SpecKind.RANGE, "a...b")),
    ],
)
def test_the_words_of_the_command_line_become_a_request(
    revision: str | None, staged: bool, worktree: bool, patch: bytes | None, expected: Spec
) -> None:
    assert parse_spec(revision, staged, worktree, patch, ()) == expected


@pytest.mark.parametrize(
    ("revision", "staged", "worktree", "patch"),
    [
        (None, True, True, None),
        (None, True, False, b""),
        (None, False, True, b""),
        ("a..b", True, False, None),
        ("a..b", False, True, None),
        ("a...b", False, False, b""),
    ],
)
def test_words_that_contradict_each_other_are_refused(
    revision: str | None, staged: bool, worktree: bool, patch: bytes | None
) -> None:
    with pytest.raises(UsageError, match="contradict"):
        parse_spec(revision, staged, worktree, patch, ())


@pytest.mark.parametrize("revision", ["--output=x", "-p", "a..-p", "a...--all", "..-p", "x\ny", "x\0y"])
def test_a_revision_that_git_could_take_for_something_else_is_refused(revision: str) -> None:
    with pytest.raises(UsageError, match="not a revision"):
        parse_spec(revision, False, False, None, ())


def test_paths_are_kept() -> None:
    assert parse_spec(None, False, False, None, ["a", "b"]).paths == ("a", "b")
