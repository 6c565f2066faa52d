"""Candidate fixes as whole new file texts, and the unified diffs that people and `git apply` read.

Texts are split at "\\n" alone, as git counts lines; a "\\r" stays with its line.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..change.change import Hunk

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
MAX_PAIRS = 10_000
LEAST_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fix that was not yet judged: the whole new text of a changed file, and what was done to get it.

    `also` are the paths and new texts of further files that the fix changes.
    """

    path: str
    text: str
    description: str
    also: tuple[tuple[str, str], ...] = ()


def lines_of(text: str) -> list[str]:
    """The lines with their "\\n"; joined they are the text."""
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def unified(path: str, old: str, new: str) -> str:
    """The patch from old to new as `git apply` reads it; "" when they are equal."""
    body = difflib.unified_diff(lines_of(old), lines_of(new), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in body)


def hunks_between(old: str, new: str) -> tuple[Hunk, ...]:
    """The changed lines from old to new, as `git diff -U0` counts them."""
    matcher = difflib.SequenceMatcher(None, lines_of(old), lines_of(new), autojunk=False)
    found = []
    for tag, base_from, base_to, head_from, head_to in matcher.get_opcodes():
        if tag != "equal":
            base_count, head_count = base_to - base_from, head_to - head_from
            base_start = base_from + 1 if base_count else base_from
            head_start = head_from + 1 if head_count else head_from
            found.append(Hunk(base_start, base_count, head_start, head_count))
    return tuple(found)


def touching(hunk: Hunk) -> tuple[int, ...]:
    """The hunk's lines on the head; for a pure deletion the line on either side of it."""
    return tuple(hunk.head_lines) or (max(1, hunk.head_start), hunk.head_start + 1)


def take_back(base: str, head: str, hunks: Iterable[Hunk]) -> str:
    """The head with the base's lines put back for these hunks (each a hunk of base to head)."""
    old, new = lines_of(base), lines_of(head)
    for hunk in sorted(hunks, key=lambda h: h.head_start, reverse=True):
        start = hunk.head_start - 1 if hunk.head_count else hunk.head_start
        first = hunk.base_start - 1 if hunk.base_count else hunk.base_start
        new[start : start + hunk.head_count] = old[first : first + hunk.base_count]
    return "".join(new)


def refine(base: str, head: str, hunk: Hunk) -> tuple[Hunk, ...]:
    """The hunk in its smallest parts: a line beside the line it became, and what was only added or only removed.

    Lines belong together when they are alike, in order; git's own hunk mixes all lines that changed side by side.
    """
    first, start = (hunk.base_lines.start or 1) - 1, (hunk.head_lines.start or 1) - 1
    old = lines_of(base)[first : first + hunk.base_count]
    new = lines_of(head)[start : start + hunk.head_count]
    if not old or not new or len(old) * len(new) > MAX_PAIRS:
        return (hunk,)
    parts, i, j = [], 0, 0
    for a, b in [*_alike(old, new), (len(old), len(new))]:
        if a > i or b > j:
            parts.append(_hunk(first + i, a - i, start + j, b - j))
        if a < len(old) and old[a] != new[b]:
            parts.append(_hunk(first + a, 1, start + b, 1))
        i, j = a + 1, b + 1
    return tuple(parts)


def _hunk(base_from: int, base_count: int, head_from: int, head_count: int) -> Hunk:
    """From 0-based starts to git's way of counting."""
    return Hunk(base_from + bool(base_count), base_count, head_from + bool(head_count), head_count)


def _alike(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of indices of like lines, in order, with the greatest sum of likeness."""
    best: list[list[tuple[float, tuple[int, int] | None]]] = [[(0.0, None)] * (len(new) + 1)]
    for i, line in enumerate(old):
        row: list[tuple[float, tuple[int, int] | None]] = [(0.0, None)]
        for j, other in enumerate(new):
            both = best[i][j][0] + _likeness(line, other)
            skip = max(((best[i][j + 1][0], (i, j + 1)), (row[j][0], (i + 1, j))), key=lambda s: s[0])
            row.append((both, (i, j)) if both > skip[0] else skip)
        best.append(row)
    return _path(best)


def _path(best: Sequence[Sequence[tuple[float, tuple[int, int] | None]]]) -> list[tuple[int, int]]:
    place: tuple[int, int] | None = (len(best) - 1, len(best[0]) - 1)
    pairs = []
    while place is not None and place[0] and place[1]:
        came = best[place[0]][place[1]][1]
        if came == (place[0] - 1, place[1] - 1):
            pairs.append(came)
        place = came
    return pairs[::-1]


def _likeness(one: str, other: str) -> float:
    one, other = one.strip(), other.strip()
    ratio = difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() if one and other else 0.0
    return ratio if ratio >= LEAST_ALIKE else 0.0


def same_code(one: str, other: str, *, annotations: bool = True) -> bool:
    """Whether two texts are the same program: comments, layout and docstrings aside. False where one does not parse.

    Without `annotations` those of parameters and results are left aside too.
    """
    try:
        return _bare(one, annotations) == _bare(other, annotations)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _bare(text: str, annotations: bool) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | Definition) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
        if not annotations and isinstance(node, ast.arg):
            node.annotation = None
        if not annotations and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
    return ast.dump(tree)
