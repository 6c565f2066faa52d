"""The change cut into units: the smallest pieces of code that can be understood on their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..review import Skipped
from .align import Alignment
from .change import Change, FileChange, Hunk, ReadBlob, Unit, UnitKind
from .source import Source
from .syntax import python_units

CONTEXT = 10
LONGEST = 200
_SUBMODULE = "160000"


def cut(
    change: Change, read: ReadBlob, left_out: frozenset[str] = frozenset()
) -> tuple[tuple[Unit, ...], tuple[Skipped, ...]]:
    """The units of every file but those of `left_out`, in the order of the files and their lines, and what was lost.

    Python is cut by its syntax: a function or method, a run of statements of a class or of the module. A file that
    does not parse, or another language, is cut by hunks. Every changed head line is in exactly one unit's `changed`;
    a deletion marks the lines on either side of it that are in the unit it was deleted from.
    """
    units: list[Unit] = []
    skipped: list[Skipped] = []
    for file in change.files:
        if file.path in left_out or not file.hunks:
            continue
        base, head = (_source(blob, file, read) for blob in (file.base_blob, file.head_blob))
        if file.is_python and head.problem:
            skipped.append(Skipped(file.path, f"reviewed by hunks only, since {head.problem}"))
        by_syntax = python_units(file, base, head) if file.is_python else None
        units += _hunk_units(file, base, head) if by_syntax is None else by_syntax
    return tuple(units), tuple(skipped)


def _source(blob: str, file: FileChange, read: ReadBlob) -> Source:
    return Source(read(blob) if blob else b"", file.is_python)


def _hunk_units(file: FileChange, base: Source, head: Source) -> Iterator[Unit]:
    """A unit for every group of hunks whose context touches, and pieces of it where it is very long."""
    alignment = Alignment(file.hunks)
    for group in _groups(file.hunks):
        if not head.lines:
            yield Unit(file.path, "", UnitKind.HUNK, base.span(1, len(base.lines)), None)
            continue
        lines = {line for hunk in group for line in hunk.head_lines or (hunk.head_start, hunk.head_start + 1)}
        changed = frozenset(line for line in lines if 0 < line <= len(head.lines)) or frozenset({1})
        first, last = max(1, min(lines) - CONTEXT), min(len(head.lines), max(lines) + CONTEXT)
        for start in range(first, max(first, last) + 1, LONGEST):
            end = min(start + LONGEST - 1, last)
            if inside := changed.intersection(range(start, end + 1)):
                yield Unit(
                    file.path,
                    "",
                    UnitKind.HUNK,
                    base.span(*alignment.base_range(start, end)),
                    head.span(start, end),
                    inside,
                )


def _groups(hunks: Iterable[Hunk]) -> Iterator[list[Hunk]]:
    group: list[Hunk] = []
    for hunk in hunks:
        if group and hunk.head_start - (group[-1].head_start + group[-1].head_count) > 2 * CONTEXT:
            yield group
            group = []
        group.append(hunk)
    if group:
        yield group
