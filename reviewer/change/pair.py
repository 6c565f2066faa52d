"""Which function of the base is which of the head."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .align import Alignment
from .change import Hunk
from .regions import Region


class Pairs:
    """Functions of two versions of a file, matched by qualified name.

    Where a name occurs more than once on a side (a property and its setter, overloads) the lines decide; a function
    whose name is new is a renamed one when at least half of the old one's lines are still there.
    """

    def __init__(self, base: Iterable[Region], head: Iterable[Region], hunks: tuple[Hunk, ...]) -> None:
        """Regions of both sides; those that are not functions are ignored."""
        self._alignment = Alignment(hunks)
        self._gone = {line for hunk in hunks for line in hunk.base_lines}
        self._base, self._head = _by_name(base), _by_name(head)
        self.base_of: dict[Region, Region] = {}
        self.head_of: dict[Region, Region] = {}
        for name, regions in self._head.items():
            for region in regions:
                found = self._same_name(name, region) or self._renamed(name, region)
                if found and found not in self.head_of:
                    self.base_of[region], self.head_of[found] = found, region

    def _same_name(self, name: str, region: Region) -> Region | None:
        candidates = self._base.get(name, [])
        if len(candidates) == len(self._head[name]) == 1:
            return candidates[0]
        return self._nearest(candidates, region)

    def _renamed(self, name: str, region: Region) -> Region | None:
        if name in self._base:
            return None
        lost = [old for n, some in self._base.items() if n not in self._head for old in some if self._kept(old)]
        return self._nearest(lost, region)

    def _nearest(self, candidates: list[Region], region: Region) -> Region | None:
        """The candidate that shares most lines with the place that the region came from."""
        first, last = self._alignment.base_range(region.start, region.end)
        shared = [(min(last, old.end) - max(first, old.start) + 1, old) for old in candidates]
        best = max(shared, key=lambda pair: pair[0], default=(0, region))
        return best[1] if best[0] > 0 else None

    def _kept(self, region: Region) -> bool:
        lines = range(region.start, region.end + 1)
        return 2 * sum(line in self._gone for line in lines) <= len(lines)


def _by_name(regions: Iterable[Region]) -> dict[str, list[Region]]:
    named: dict[str, list[Region]] = defaultdict(list)
    for region in regions:
        if region.is_function:
            named[region.name].append(region)
    return dict(named)
