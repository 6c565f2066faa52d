"""What the user asked to have reviewed, before git was asked anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ..errors import UsageError


class SpecKind(StrEnum):
    """Where the head of the change comes from. AUTO: the index if something is staged, else the work tree."""

    AUTO = "auto"
    STAGED = "staged"
    WORKTREE = "worktree"
    RANGE = "range"
    PATCH = "patch"


@dataclass(frozen=True, slots=True)
class Spec:
    """One request. `revision` is the base ("" is HEAD), or "A..B" or "A...B" for a RANGE.

    `paths` narrow the change: absolute, or relative to the folder that the repository was opened from.
    """

    kind: SpecKind
    revision: str = ""
    patch: bytes | None = None
    paths: tuple[str, ...] = ()


def parse_spec(
    revision: str | None, staged: bool, worktree: bool, patch: bytes | None, paths: Iterable[str] = ()
) -> Spec:
    """Turn the words of the command line into a Spec.

    REV alone is what the work tree changed since REV (with `staged`: what the index did; with `patch`: the tree that
    the patch applies to). Raises UsageError when the words contradict each other or a revision cannot be one.
    """
    asked = [name for name, on in _modes(staged, worktree, patch) if on]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} contradict each other", "give one of them")
    revision = _checked(revision or "")
    if ".." in revision:
        if asked:
            raise UsageError(f"{asked[0]} and the range {revision} contradict each other", "give one of them")
        return Spec(SpecKind.RANGE, revision, None, tuple(paths))
    return Spec(_kind(staged, worktree or bool(revision), patch), revision, patch, tuple(paths))


def _modes(staged: bool, worktree: bool, patch: bytes | None) -> tuple[tuple[str, bool], ...]:
    return (("--staged", staged), ("--worktree", worktree), ("--patch", patch is not None))


def _kind(staged: bool, worktree: bool, patch: bytes | None) -> SpecKind:
    if patch is not None:
        return SpecKind.PATCH
    if staged:
        return SpecKind.STAGED
    return SpecKind.WORKTREE if worktree else SpecKind.AUTO


def _checked(revision: str) -> str:
    """Refuse what git would read as an option, or not as one word."""
    if any(side.startswith("-") for side in (revision, revision.lstrip("."), revision.rpartition("..")[2])):
        raise UsageError(f"not a revision: {revision}", "a revision does not begin with a dash")
    if not revision.isprintable():
        raise UsageError(f"not a revision: {revision!r}", "a revision has no control characters")
    return revision
