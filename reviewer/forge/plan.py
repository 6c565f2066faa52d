"""What to say on a pull request, given what was said there before: no network, no forge's words."""

from __future__ import annotations

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
    """New comments, the ids of threads whose findings are gone, and the summary."""

    comments: tuple[Comment, ...]
    resolve: tuple[str, ...]
    summary: str


def plan(review: Review, state: State, ranges: Ranges) -> Plan:
    """Say what was not said before, resolve what is gone, and put the rest into the summary."""
    standing = state.standing
    found = dict(zip(unique_ids(review.findings), review.findings, strict=True))
    fresh = [made for name, f in found.items() if name not in standing and (made := comment(f, name, ranges))]
    comments = tuple(fresh[:MOST])
    said = state.said | {one.fingerprint for one in comments}
    return Plan(comments, tuple(_gone(review, state, found)), _summary(review, said, found))


def _gone(review: Review, state: State, found: Mapping[str, Finding]) -> Iterable[str]:
    """Open threads whose finding was not made again; where not all was reviewed, only if its lines have changed."""
    for thread in state.threads:
        if not thread.resolved and thread.fingerprint not in found and (review.complete or thread.outdated):
            yield thread.id


def without_comments(made: Plan, review: Review, state: State) -> Plan:
    """The plan for a forge that refuses the comments: all is in the summary, and can be said in a comment later."""
    found = dict(zip(unique_ids(review.findings), review.findings, strict=True))
    return Plan((), made.resolve, _summary(review, state.said, found))


def _summary(review: Review, said: frozenset[str], found: Mapping[str, Finding]) -> str:
    apart = sum(name in said for name in found)
    words = f"{counted(apart, 'finding')} also in comments at the lines.\n\n" if apart else ""
    room = LARGEST - ROOM - len(words)
    kept = sorted(said)[-ROOM // 24 :] if len(said) * 24 > ROOM else sorted(said)
    return f"{markdown.render(review, room)}\n{words}{state_mark(kept)}"


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


def comment(finding: Finding, fingerprint: str, ranges: Ranges) -> Comment | None:
    """The finding as a comment at its fix's lines, or its own; None where the diff does not show them."""
    place = finding.location
    edit = _applicable(finding, ranges)
    start, end = (edit.start, edit.end) if edit else (place.start_line, place.end_line)
    if not edit and not _inside(place.path, start, end, ranges):
        end = start
    if not on_head(finding) or not _inside(place.path, start, end, ranges):
        return None
    return Comment(place.path, start, end, _body(finding, fingerprint, edit), fingerprint)


def _applicable(finding: Finding, ranges: Ranges) -> Edit | None:
    """The proven fix, where it is one edit of lines that the diff shows and all of it can be seen."""
    fix = proven(finding)
    found = edits(fix.patch) if fix else ()
    if len(found) != 1 or found[0].path != finding.location.path:
        return None
    edit = found[0]
    plain = visible(edit.text) == edit.text
    return edit if plain and _inside(edit.path, edit.start, edit.end, ranges) else None


def _inside(path: str, start: int, end: int, ranges: Ranges) -> bool:
    return any(start in part and end in part for part in ranges.get(path, ()))


def _body(finding: Finding, fingerprint: str, edit: Edit | None) -> str:
    title = f"**{markdown.SEVERITIES[finding.severity]}** · {code(finding.rule_id)}"
    parts = [title + (" · **blocks**" if finding.blocking else ""), markdown.claim_text(finding)]
    if finding.suggestion:
        parts.append(markdown.suggestion_text(finding.suggestion, patch=edit is None))
    if edit:
        parts.append(suggestion_block(edit))
    return "\n\n".join([*parts, mark(fingerprint)])


def suggestion_block(edit: Edit) -> str:
    """GitHub's block that a click applies; its fence is longer than any in the code."""
    fence = "```"
    while fence in edit.text:
        fence += "`"
    return "\n".join([f"{fence}suggestion", *edit.lines, fence])
