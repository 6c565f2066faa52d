"""A changed file as HTML: its edits with some lines round them, and what is said of a line right after it.

The same markup is unified or side by side, as the style sheet has it: an edit is a grid of what went and what came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..finding import Finding, Side
from ..review import ChangedFile, Edit
from .base import counted
from .htmlcode import coloured, plain
from .htmltag import Html, el, join

AROUND = 3
Placed = Mapping[int, Sequence[Html]]


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both versions in colours; `shift` is how much greater the base's number of a line is than the head's."""

    base: Sequence[Html]
    head: Sequence[Html]
    shift: int = 0


def line_of(file: ChangedFile, finding: Finding) -> int | None:
    """The head's line after which a finding is shown, 0 for the top; None where the file does not have its line."""
    place = finding.location
    if not file.edits:
        return None
    if place.side is Side.HEAD:
        return place.end_line if 0 < place.end_line <= len(file.lines) else None
    shift = 0
    for edit in file.edits:
        first = _first(edit)
        if place.end_line < first + shift:
            return place.end_line - shift
        shift += len(edit.gone) - edit.count
        if place.end_line < first + edit.count + shift:
            return min(first + max(0, edit.count - 1), len(file.lines))
    return place.end_line - shift if place.end_line - shift <= len(file.lines) else None


def rows(file: ChangedFile, said: Placed, *, colours: bool = True) -> Html:
    """The edits of a file, and the parts that `said` speaks of, each followed by what is said."""
    base = _base(file) if any(edit.gone for edit in file.edits) else []
    made = (
        (coloured(base, file.base_path), coloured(file.lines, file.path))
        if colours
        else (plain(base), plain(file.lines))
    )
    sides = _Sides(*made)
    parts: list[Html] = list(said.get(0, ()))
    shown = 0
    for first, last in _intervals(file, said):
        if first > shown + 1:
            parts.append(el("p", f"{counted(first - shown - 1, 'unchanged line')} not shown", class_="gap"))
        parts += _interval(file, sides, said, first, last)
        shown = last
    return join(parts)


def _first(edit: Edit) -> int:
    """The head's line that what went stood before."""
    return edit.start if edit.count else edit.start + 1


def _base(file: ChangedFile) -> list[str]:
    lines: list[str] = []
    at = 1
    for edit in file.edits:
        lines += file.lines[at - 1 : _first(edit) - 1]
        lines += edit.gone
        at = _first(edit) + edit.count
    return lines + list(file.lines[at - 1 :])


def _intervals(file: ChangedFile, said: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ranges of the head's lines that do not touch, in order; an empty one stands where all lines went."""
    wanted = [(_first(edit) - AROUND, _first(edit) + edit.count - 1 + AROUND) for edit in file.edits]
    wanted += [(line - AROUND, line + AROUND) for line in said if line]
    last = len(file.lines)
    current: tuple[int, int] | None = None
    for low, high in sorted((max(1, low), min(last, high)) for low, high in wanted):
        if current and low <= current[1] + 1:
            current = (current[0], max(current[1], high))
        else:
            if current:
                yield current
            current = (low, high)
    if current:
        yield current


def _interval(file: ChangedFile, sides: _Sides, said: Placed, first: int, last: int) -> Iterator[Html]:
    edits = {_first(edit): edit for edit in file.edits}
    sides = replace(sides, shift=sum(len(e.gone) - e.count for e in file.edits if _first(e) < first))
    line = first
    while line <= last + 1:
        if edit := edits.pop(line, None):
            yield from _edit(edit, sides, said)
            sides = replace(sides, shift=sides.shift + len(edit.gone) - edit.count)
            line += edit.count
            if edit.count:
                continue
        if line <= last:
            yield el("div", sides.head[line - 1], class_="l", data_n=_numbers(line + sides.shift, line, " "))
            yield from said.get(line, ())
        line += 1


def _edit(edit: Edit, sides: _Sides, said: Placed) -> Iterator[Html]:
    """What went beside what came; the grid ends where something is said of a line that came."""
    first = _first(edit)
    was = range(first + sides.shift, first + sides.shift + len(edit.gone))
    cells = [el("del", sides.base[n - 1], class_="l", data_n=_numbers(n, None, "-")) for n in was]
    for line in range(first, first + edit.count):
        cells.append(el("ins", sides.head[line - 1], class_="l", data_n=_numbers(None, line, "+")))
        if line in said:
            yield el("div", *cells, class_="e")
            yield from said[line]
            cells = []
    if cells:
        yield el("div", *cells, class_="e")


def _numbers(base: int | None, head: int | None, sign: str) -> str:
    return f"{base or '':>4} {head or '':>4} {sign}"
