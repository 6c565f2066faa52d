"""Which lines of the base stand where lines of the head do."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

from .change import Hunk


class Alignment:
    """The line mapping that a file's hunks, in order, describe.

    Inside, a hunk is two half-open ranges of gaps between lines, so that an empty side needs no special case.
    """

    def __init__(self, hunks: tuple[Hunk, ...]) -> None:
        """Hunks as in `FileChange.hunks`."""
        self._base = [_gaps(hunk.base_start, hunk.base_count) for hunk in hunks]
        self._head = [_gaps(hunk.head_start, hunk.head_count) for hunk in hunks]
        self._head_ends = [end for _, end in self._head]
        self._offsets = list(accumulate((hunk.base_count - hunk.head_count for hunk in hunks), initial=0))

    def base_range(self, start: int, end: int) -> tuple[int, int]:
        """First and last base line that head lines `start` to `end` came from; first > last where there are none.

        A deletion at either edge, and the whole of a hunk that reaches over one, are counted in.
        """
        return self._low(start - 1) + 1, self._high(end)

    def _low(self, gap: int) -> int:
        n = bisect_left(self._head_ends, gap)
        if n < len(self._head) and self._head[n][0] < self._head[n][1] == gap:
            n += 1
        if n < len(self._head) and self._head[n][0] <= gap:
            return self._base[n][0]
        return gap + self._offsets[n]

    def _high(self, gap: int) -> int:
        n = bisect_right(self._head_ends, gap)
        if n < len(self._head) and self._head[n][0] < gap:
            return self._base[n][1]
        return gap + self._offsets[n]


def _gaps(start: int, count: int) -> tuple[int, int]:
    first = start - 1 if count else start
    return first, first + count
