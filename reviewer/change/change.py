"""The values of a change: trees, files, hunks, units. Everything after this stage reads these and nothing of git."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What happened to a file, in git's letters."""

    ADDED = "A"
    DELETED = "D"
    MODIFIED = "M"
    RENAMED = "R"
    TYPE_CHANGED = "T"


@dataclass(frozen=True, slots=True)
class Hunk:
    """Changed lines without context, 1-based: `base_count` lines from `base_start` became `head_count` from
    `head_start`.

    As in `git diff -U0`: where a count is 0 the start is the line after which the other side's lines stand.
    """

    base_start: int
    base_count: int
    head_start: int
    head_count: int

    @property
    def base_lines(self) -> range:
        """Line numbers on the base; empty for a pure addition."""
        return range(self.base_start, self.base_start + self.base_count)

    @property
    def head_lines(self) -> range:
        """Line numbers on the head; empty for a pure deletion."""
        return range(self.head_start, self.head_start + self.head_count)


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed file. `path` is its name on the head (on the base when deleted), `base_path` the name it had.

    Blob ids are full hex ids, "" where the file is absent on that side; modes are git's ("100644", "120000", "160000").
    `binary` files have no hunks.
    """

    path: str
    base_path: str
    status: Status
    base_blob: str
    head_blob: str
    base_mode: str
    head_mode: str
    hunks: tuple[Hunk, ...] = ()
    binary: bool = False

    @property
    def is_python(self) -> bool:
        """A regular Python source file on the side where it exists."""
        mode = self.head_mode if self.head_blob else self.base_mode
        return self.path.endswith((".py", ".pyi")) and mode.startswith("100") and not self.binary

    @property
    def changed_head_lines(self) -> frozenset[int]:
        """Every head line that the change added or altered; for a pure deletion the line before and after it."""
        lines: set[int] = set()
        for hunk in self.hunks:
            lines.update(hunk.head_lines or (max(1, hunk.head_start), hunk.head_start + 1))
        return frozenset(lines)


@dataclass(frozen=True, slots=True)
class Change:
    """Two trees and what differs between them. `title` says what was compared, for people ("staged changes")."""

    root: str
    base: str
    head: str
    files: tuple[FileChange, ...]
    title: str

    def file(self, path: str) -> FileChange | None:
        """The changed file of that head path, or None."""
        return next((f for f in self.files if f.path == path), None)


class UnitKind(StrEnum):
    """What sort of code a unit is."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    BLOCK = "block"
    HUNK = "hunk"


@dataclass(frozen=True, slots=True)
class Span:
    """Lines `start` to `end` (1-based, inclusive) of one side, and their text (decorators included, as indented)."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Unit:
    """What is reviewed at once: the innermost function, method, class head or top-level block round changed lines.

    `name` is qualified within the file ("Class.method"; "" for a block of a module or for a hunk of another language).
    `base` is None for new code, `head` for deleted code. `changed` are the head's changed lines inside it.
    """

    path: str
    name: str
    kind: UnitKind
    base: Span | None
    head: Span | None
    changed: frozenset[int] = frozenset()

    @property
    def label(self) -> str:
        """ "path::name" for reports, "path:line" where there is no name."""
        if self.name:
            return f"{self.path}::{self.name}"
        span = self.head or self.base
        return f"{self.path}:{span.start if span else 1}"

    def holds(self, path: str, line: int) -> bool:
        """Whether a line of the head is in it."""
        return path == self.path and self.head is not None and self.head.start <= line <= self.head.end


ReadBlob = Callable[[str], bytes]
