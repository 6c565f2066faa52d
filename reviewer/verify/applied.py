"""Suggestions as texts again: a patch of ours read back, and several fixes of one head made into one.

Strict: lines must match to the letter, at their numbers. Applying to a user's files is git's work, not this module's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from .patch import hunks_between, lines_of

_FILE = re.compile(r"^--- a/(.+)\n\+\+\+ b/(.+)\n", re.MULTILINE)
_HUNK = re.compile(r"^@@ -(\d{1,18})(?:,(\d{1,18}))? \+\d+(?:,\d+)? @@")
NO_NEWLINE = "\\ No newline at end of file\n"


def new_texts(patch: str, read: Callable[[str], str]) -> dict[str, str] | None:
    """The new text of every file of a patch that `unified` made; `read` gives a file's text on the head.

    None when the patch is not of that form or does not fit.
    """
    marks = [*_FILE.finditer(patch)]
    if not marks or marks[0].start() or any(mark[1] != mark[2] for mark in marks):
        return None
    ends = [*(mark.start() for mark in marks[1:]), len(patch)]
    texts = {m[1]: _patched(read(m[1]), lines_of(patch[m.end() : end])) for m, end in zip(marks, ends, strict=True)}
    found = {path: text for path, text in texts.items() if text is not None}
    return found if len(found) == len(marks) else None


def _patched(text: str, body: Sequence[str]) -> str | None:
    old, new, at = lines_of(text), list[str](), 0
    for start, removed, added in _parts(body):
        if start < at or old[start : start + len(removed)] != removed:
            return None
        new += [*old[at:start], *added]
        at = start + len(removed)
    return "".join([*new, *old[at:]])


def _parts(body: Sequence[str]) -> Iterator[tuple[int, list[str], list[str]]]:
    """Each hunk: its first old line (from 0), its lines before and its lines after."""
    at = 0
    while at < len(body) and (head := _HUNK.match(body[at])):
        size = int(head[2] or 1)
        old: list[str] = []
        new: list[str] = []
        at += 1
        while at < len(body) and not body[at].startswith("@@"):
            mark, line = body[at][0], body[at][1:]
            bare = at + 1 < len(body) and body[at + 1] == NO_NEWLINE
            line = line.removesuffix("\n") if bare else line
            old += [line] if mark in " -" else []
            new += [line] if mark in " +" else []
            at += 2 if bare else 1
        yield int(head[1]) - (1 if size else 0), old, new


def joined(head: str, texts: Iterable[str]) -> str:
    """One text with all the changes that `texts` make to the head; of changes that overlap the larger is taken."""
    edits = sorted({edit for text in texts for edit in _edits(head, text)}, key=lambda e: e[0] - e[1])
    taken: list[tuple[int, int, tuple[str, ...]]] = []
    for edit in edits:
        if all(not _overlap(edit, other) for other in taken):
            taken.append(edit)
    lines = lines_of(head)
    for start, end, new in sorted(taken, reverse=True):
        lines[start:end] = new
    return "".join(lines)


def _edits(head: str, text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The head's lines from (included, from 0) and to (excluded), and what stands there instead."""
    new = lines_of(text)
    for hunk in hunks_between(head, text):
        start = hunk.base_start - 1 if hunk.base_count else hunk.base_start
        first = hunk.head_start - 1 if hunk.head_count else hunk.head_start
        yield start, start + hunk.base_count, tuple(new[first : first + hunk.head_count])


def _overlap(one: tuple[int, int, object], other: tuple[int, int, object]) -> bool:
    """Whether two edits share a line or, one of them an insertion, a place."""
    if one[:2] == other[:2]:
        return True
    return one[0] < other[1] and other[0] < one[1]
