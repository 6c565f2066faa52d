"""What to say on a pull request, given what was said there before: no network, no forge's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..change.change import Change, FileChange
from ..finding import Finding
from ..report import markdown
from ..report.base import counted, on_head, unique_ids
from ..report.edits import Edit, edits, proven
from ..report.marks import code
from ..report.sanitise import visible
from ..review import Review
from .state import State, mark, state_mark

CONTEXT = 3  # lines that a forge shows round a change
MOST = 30  # comments of their own; what is more goes to the summary
LARGEST = 60_000  # GitHub takes 65,536 characters
ROOM = 8_000
# GitLab, and robots on GitHub, obey lines like `/merge`, in code too.
_COMMAND = re.compile(r"^(\s*)/(?=\w)", re.MULTILINE)

Ranges = Mapping[str, Sequence[range]]


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment at lines `start` to `end` of the head, which lie in one shown part of the diff."""

    path: str
    start: int
    end: int
    body: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Plan:
    """New comments, and the ids of threads whose findings are gone."""

    comments: tuple[Comment, ...]
    resolve: tuple[str, ...]


def plan(review: Review, state: State, ranges: Ranges, word: str) -> Plan:
    """Say what was not said before, and resolve what is gone."""
    standing, found = state.standing, _named(review)
    fresh = [made for name, f in found.items() if name not in standing and (made := comment(f, name, ranges, word))]
    return Plan(tuple(fresh[:MOST]), tuple(_gone(review, state, found)))


def _named(review: Review) -> dict[str, Finding]:
    return dict(zip(unique_ids(review.findings), review.findings, strict=True))


def _gone(review: Review, state: State, found: Mapping[str, Finding]) -> Iterable[str]:
    """Open threads whose finding was not made again; where not all was reviewed, only if its lines have changed."""
    for thread in state.threads:
        if not thread.resolved and thread.fingerprint not in found and (review.complete or thread.outdated):
            yield thread.id


def summary(review: Review, said: frozenset[str]) -> str:
    """The whole report, and which findings were ever `said` in comments of their own."""
    apart = sum(name in said for name in unique_ids(review.findings))
    words = f"{counted(apart, 'finding')} also in comments at the lines.\n\n" if apart else ""
    room = LARGEST - ROOM - len(words)
    kept = sorted(said)[-ROOM // 24 :] if len(said) * 24 > ROOM else sorted(said)
    return f"{uncommanded(markdown.render(review, room))}\n{words}{state_mark(kept)}"


def uncommanded(text: str) -> str:
    """The text with no line that a forge or a robot takes for a command."""
    return _COMMAND.sub("\\1\u200b/", text)


def shown(change: Change, sources: Mapping[str, Sequence[str]]) -> dict[str, list[range]]:
    """The head's lines that the forge's diff shows, part by part, of the files whose text is known."""
    return {f.path: _parts(f, _count(sources[f.path])) for f in change.files if f.path in sources}


def _count(lines: Sequence[str]) -> int:
    """How many lines there are; what follows the last new line is none."""
    return len(lines) - (bool(lines) and not lines[-1])


def _parts(file: FileChange, lines: int) -> list[range]:
    """Changed lines with context, joined where they meet."""
    parts: list[range] = []
    for hunk in file.hunks:
        first = hunk.head_start + (0 if hunk.head_count else 1)
        start, end = max(1, first - CONTEXT), min(lines, first + hunk.head_count - 1 + CONTEXT)
        if parts and start <= parts[-1].stop:
            parts[-1] = range(parts[-1].start, max(parts[-1].stop, end + 1))
        else:
            parts.append(range(start, end + 1))
    return parts


def comment(finding: Finding, fingerprint: str, ranges: Ranges, word: str) -> Comment | None:
    """The finding as a comment at its fix's lines, or its own; None where the diff does not show them."""
    place = finding.location
    edit = _applicable(finding, ranges)
    start, end = (edit.start, edit.end) if edit else (place.start_line, place.end_line)
    if not edit and not _inside(place.path, start, end, ranges):
        end = start
    if not on_head(finding) or not _inside(place.path, start, end, ranges):
        return None
    return Comment(place.path, start, end, _body(finding, fingerprint, edit, word), fingerprint)


def _applicable(finding: Finding, ranges: Ranges) -> Edit | None:
    """The proven fix, where it is one edit of lines that the diff shows and all of it can be seen."""
    fix = proven(finding)
    found = edits(fix.patch) if fix else ()
    if len(found) != 1 or found[0].path != finding.location.path:
        return None
    edit = found[0]
    plain = uncommanded(visible(edit.text)) == edit.text
    return edit if plain and _inside(edit.path, edit.start, edit.end, ranges) else None


def _inside(path: str, start: int, end: int, ranges: Ranges) -> bool:
    return any(start in part and end in part for part in ranges.get(path, ()))


def _body(finding: Finding, fingerprint: str, edit: Edit | None, word: str) -> str:
    title = f"**{markdown.SEVERITIES[finding.severity]}** · {code(finding.rule_id)}"
    parts = [title + (" · **blocks**" if finding.blocking else ""), markdown.claim_text(finding)]
    if finding.suggestion:
        parts.append(markdown.suggestion_text(finding.suggestion, patch=edit is None))
    if edit:
        parts.append(_suggestion(edit, word.format(before=edit.end - edit.start)))
    return uncommanded("\n\n".join([*parts, mark(fingerprint)]))


def _suggestion(edit: Edit, word: str) -> str:
    """The block that a click applies; its fence is longer than any in the code."""
    fence = "```"
    while fence in edit.text:
        fence += "`"
    return "\n".join([f"{fence}{word}", *edit.lines, fence])
