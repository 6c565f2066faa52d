"""The units of a Python file that parses."""

from __future__ import annotations

from .align import Alignment
from .change import FileChange, Hunk, Span, Unit, UnitKind
from .pair import Pairs
from .regions import Region, Regions
from .source import Source


def python_units(file: FileChange, base: Source, head: Source) -> list[Unit] | None:
    """Units by syntax, in order; None where a side that counts has no statements that the parser could place."""
    deciding = head if file.head_blob else base
    if deciding.regions is None or head.regions is None or not deciding.regions.all:
        return None
    return _Cutter(file, base, head, head.regions).units()


class _Cutter:
    """Collects what a file's hunks touch: head regions with their changed lines, and base regions that are gone."""

    def __init__(self, file: FileChange, base: Source, head: Source, regions: Regions) -> None:
        self._file, self._base, self._head, self._regions = file, base, head, regions
        self._alignment = Alignment(file.hunks)
        old = base.regions.all if base.regions else ()
        self._pairs = Pairs(old, regions.all, file.hunks)
        self._touched: dict[Region, set[int]] = {}
        self._gone: dict[Region, None] = {}

    def units(self) -> list[Unit]:
        for hunk in self._file.hunks:
            self._added(hunk)
            if hunk.base_count:
                self._deleted(hunk)
        alive = [self._unit(region, frozenset(lines)) for region, lines in self._touched.items()]
        gone = [self._gone_unit(region) for region in self._gone]
        return sorted([*alive, *gone, *self._unseen([*alive, *gone])], key=_place)

    def _added(self, hunk: Hunk) -> None:
        """Give every head line of a hunk to a region; blank lines round new code go with the code."""
        last: Region | None = None
        for line in hunk.head_lines:
            owner = self._regions.at(line)
            if self._regions.is_core(line):
                last = owner
            elif last and self._head.is_blank(line):
                owner = last
            if owner:
                self._touched.setdefault(owner, set()).add(line)

    def _deleted(self, hunk: Hunk) -> None:
        lines = [line for line in hunk.base_lines if not self._base.is_blank(line)] or list(hunk.base_lines)
        old = self._base.regions
        for region in dict.fromkeys(old.at(line) if old else None for line in lines):
            self._lost(region, hunk)

    def _lost(self, old: Region | None, hunk: Hunk) -> None:
        """Lines of a base region were deleted or replaced: mark what it is now, or that it is gone."""
        new = self._now(old, hunk)
        if new:
            around = (hunk.head_start, hunk.head_start + 1) if not hunk.head_count else ()
            marked = self._touched.setdefault(new, set())
            marked.update(line for line in around if self._regions.at(line) == new)
        elif old:
            self._gone[old] = None

    def _now(self, old: Region | None, hunk: Hunk) -> Region | None:
        if old and old.is_function:
            return self._pairs.head_of.get(old)
        last = hunk.head_start + max(hunk.head_count, 1)
        near = (self._regions.at(line) for line in (hunk.head_start, *hunk.head_lines, last))
        same = (new for new in near if new and (not old or (new.kind, new.name) == (old.kind, old.name)))
        return next(same, None)

    def _unit(self, region: Region, changed: frozenset[int]) -> Unit:
        start, end = _extent(region, self._head, self._regions, changed)
        base = self._base_span(region, start, end)
        return Unit(self._file.path, region.name, region.kind, base, self._head.span(start, end), changed)

    def _base_span(self, region: Region, start: int, end: int) -> Span | None:
        old = self._base.regions
        if old is None or not region.is_function:
            first, last = self._alignment.base_range(start, end)
            owners = {old.at(line) if old else None for line in range(first, last + 1)}
            # New code that stands where lines of a function went was none of these before.
            strange = all(owner and owner.is_function for owner in owners)
            return None if strange else self._base.span(first, last)
        paired = self._pairs.base_of.get(region)
        return self._base.span(*_extent(paired, self._base, old, frozenset())) if paired else None

    def _unseen(self, units: list[Unit]) -> list[Unit]:
        """Units for deleted code that no other unit shows: its old neighbours went several ways."""
        shown = [unit.base for unit in units if unit.base]
        seen = {line for span in shown for line in range(span.start, span.end + 1)}
        missed = [
            Region("", UnitKind.BLOCK, hunk.base_start, hunk.base_start + hunk.base_count - 1)
            for hunk in self._file.hunks
            if any(line not in seen and not self._base.is_blank(line) for line in hunk.base_lines)
        ]
        return [self._gone_unit(region) for region in missed]

    def _gone_unit(self, region: Region) -> Unit:
        base = self._base.span(region.start, region.end)
        return Unit(self._file.path, region.name, region.kind, base, None)


def _extent(region: Region, source: Source, regions: Regions, changed: frozenset[int]) -> tuple[int, int]:
    """A region's lines with the comments right above it, and any changed blank lines that were given to it."""
    start = region.start
    while source.is_comment(start - 1) and not regions.is_core(start - 1):
        start -= 1
    return min(start, *changed, start), max(region.end, *changed, region.end)


def _place(unit: Unit) -> tuple[int, bool]:
    span = unit.head or unit.base
    return (span.start if span else 0, unit.head is None)
