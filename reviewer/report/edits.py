"""A suggestion's patch as edits of whole lines, which is how other tools take a fix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..finding import Finding, Suggestion, Verdict

_HUNK = re.compile(r"@@ -(\d{1,18})(?:,(\d{1,18}))? \+(\d{1,18})(?:,(\d{1,18}))? @@")


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines `start` to `end` (1-based, inclusive, at least one) of `path` on the head become `lines`."""

    path: str
    start: int
    end: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The new lines, without a new line at the end."""
        return "\n".join(self.lines)


def proven(finding: Finding) -> Suggestion | None:
    """The finding's fix where tests pass with it; only such a fix is offered to be applied by a machine."""
    suggestion = finding.suggestion
    if suggestion is None or suggestion.verdict not in {Verdict.VERIFIED, Verdict.PASSES}:
        return None
    return suggestion if edits(suggestion.patch) else None


def edits(patch: str) -> tuple[Edit, ...]:
    """One edit for each hunk of a unified diff; () where it is none, or a hunk has no line to stand on."""
    found: list[Edit] = []
    path, lines = "", iter(patch.split("\n"))
    for line in lines:
        if line.startswith("+++ b/"):
            path = line.removeprefix("+++ b/").partition("\t")[0]
        elif path and (header := _HUNK.match(line)):
            edit = _edit(path, int(header[1]), list(_body(lines, _count(header[2]), _count(header[4]))))
            if edit is None:
                return ()
            found.append(edit)
    return tuple(found)


def _count(digits: str | None) -> int:
    return 1 if digits is None else int(digits)


def _body(lines: Iterator[str], old: int, new: int) -> Iterator[str]:
    """The lines of one hunk, by the counts of its header: a changed line may look like a header itself."""
    while old > 0 or new > 0:
        line = next(lines, None)
        if line is None:
            return
        if not line.startswith("\\"):
            old -= line[:1] != "+"
            new -= line[:1] != "-"
            yield line or " "


def _edit(path: str, start: int, body: list[str]) -> Edit | None:
    """The hunk without the context round it; what is only added takes a neighbouring line along."""
    changed = [index for index, line in enumerate(body) if line[0] in "+-"]
    if not changed:
        return None
    first, last = changed[0], changed[-1]
    if all(line[0] == "+" for line in body[first : last + 1]):
        if first > 0:
            first -= 1
        elif last + 1 < len(body):
            last += 1
        else:
            return None
    before = sum(line[0] != "+" for line in body[:first])
    inside = body[first : last + 1]
    taken = sum(line[0] != "+" for line in inside)
    kept = tuple(line[1:] for line in inside if line[0] != "-")
    return Edit(path, start + before, start + before + taken - 1, kept)
