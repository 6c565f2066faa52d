"""Which of the change's hunks breaks a test: each is taken back in the copy and the test is run.

Needs no model. The hunk without which the test passes is where the finding belongs, and taking it back is a fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..change.change import Change, FileChange, Hunk, Unit
from ..change.git import Repository
from ..draft import Draft
from ..finding import Finding, Location, Suggestion, Verdict
from .compare import Failure
from .judge import Judgement, by_tests, parses
from .patch import Candidate, lines_of, refine, same_code, take_back, touching, unified
from .touched import Workshop, message_of, unit_at

PARTS, HUNKS = 4, 3
MAX_TRIES = 16


def find_culprits(
    repo: Repository, change: Change, units: Sequence[Unit], workshop: Workshop, draft: Draft
) -> Workshop:
    """For each reproduced finding whose test passed on the base: place it on the hunk that breaks it, with the fix.

    Findings that end on the same lines with the same fix are one bug seen by several tests, and become one finding. The
    workshop that is returned has the failures of the findings that are left, each with all of its tests.
    """
    for number, finding in enumerate(draft.findings):
        failure = workshop.failures.get(finding.reproducer.command) if finding.reproducer else None
        if failure is not None and failure.base == "pass":
            draft.findings[number] = _placed(repo, change, units, workshop, draft, finding, failure)
    failures = dict(workshop.failures)
    draft.findings = _joined(draft.findings, failures)
    return replace(workshop, failures=failures)


def _joined(findings: Sequence[Finding], failures: dict[str, Failure]) -> list[Finding]:
    """One finding for each cause; `failures` is changed along, so that a fix has to turn all of its tests green."""
    kept: list[Finding] = []
    places: dict[tuple[str, Location, str], int] = {}
    for finding in findings:
        command = finding.reproducer.command if finding.reproducer else ""
        place = (finding.rule_id, finding.location, finding.suggestion.patch if finding.suggestion else "")
        if command in failures and place in places:
            first = kept[places[place]]
            one = first.reproducer.command if first.reproducer else ""
            both = (*failures[one].node_ids, *failures.pop(command).node_ids)
            failures[one] = replace(failures[one], node_ids=both)
            kept[places[place]] = replace(first, message=message_of(failures[one]))
            continue
        if command in failures:
            places[place] = len(kept)
        kept.append(finding)
    return kept


def _placed(
    repo: Repository,
    change: Change,
    units: Sequence[Unit],
    workshop: Workshop,
    draft: Draft,
    finding: Finding,
    failure: Failure,
) -> Finding:
    for tried, attempt in enumerate(_attempts(repo, change, units, finding, failure)):
        if tried == MAX_TRIES or draft.late:
            break
        candidate = Candidate(attempt.path, attempt.text, _description(attempt.hunks))
        judgement = by_tests(workshop, candidate, failure.node_ids, ())
        if judgement.verdict is Verdict.VERIFIED:
            return _with_fix(finding, units, attempt, candidate, judgement)
    return finding


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Some hunks of a file taken back: the file's head text and its text without them."""

    path: str
    hunks: tuple[Hunk, ...]
    head: str
    text: str


def _attempts(
    repo: Repository, change: Change, units: Sequence[Unit], finding: Finding, failure: Failure
) -> Iterator[_Attempt]:
    """The smallest parts that the test ran first, then whole hunks, then all of a unit, then all of a file."""
    for file in _files(change, finding, failure):
        base, head = (repo.read(b).decode("utf-8", "surrogateescape") for b in (file.base_blob, file.head_blob))
        ran = set(failure.executed.get(file.path, ()))
        small = [part for hunk in file.hunks for part in refine(base, head, hunk)]
        nearest = (*_nearest(small, ran, finding)[:PARTS], *_nearest(file.hunks, ran, finding)[:HUNKS])
        seen: set[str] = set()
        for hunks in (*((hunk,) for hunk in nearest), _of_unit(file, units, finding), file.hunks):
            text = take_back(base, head, hunks)
            if text not in seen and parses(text) and not same_code(text, head):
                seen.add(text)
                yield _Attempt(file.path, hunks, head, text)


def _files(change: Change, finding: Finding, failure: Failure) -> list[FileChange]:
    """The finding's file, then others that the test ran; where it ran none, every changed one."""
    files = [f for f in change.files if f.is_python and f.base_blob and f.head_blob and f.hunks]
    files.sort(key=lambda f: f.path != finding.location.path)
    return [f for f in files if f.path == finding.location.path or f.path in failure.executed] or files


def _nearest(hunks: Sequence[Hunk], ran: set[int], finding: Finding) -> list[Hunk]:
    at = finding.location.start_line
    return sorted(hunks, key=lambda h: (ran.isdisjoint(touching(h)), abs(h.head_start - at)))


def _of_unit(file: FileChange, units: Sequence[Unit], finding: Finding) -> tuple[Hunk, ...]:
    """All hunks of the unit that the finding is in."""
    unit = unit_at(units, file.path, finding.location.start_line) if file.path == finding.location.path else None
    return tuple(h for h in file.hunks if unit is not None and not unit.changed.isdisjoint(touching(h)))


def _with_fix(
    finding: Finding, units: Sequence[Unit], attempt: _Attempt, candidate: Candidate, judgement: Judgement
) -> Finding:
    suggestion = Suggestion(
        unified(attempt.path, attempt.head, candidate.text),
        candidate.description,
        judgement.verdict,
        judgement.reason,
        judgement.before,
        judgement.after,
    )
    if len(attempt.hunks) > 1:
        return replace(finding, suggestion=suggestion)
    lines = lines_of(attempt.head)
    start, end = _lines(attempt.hunks[0], lines)
    location = Location(attempt.path, start, end)
    unit = unit_at(units, attempt.path, start)
    quote = lines[start - 1].rstrip("\r\n") if lines else ""
    return replace(
        finding, suggestion=suggestion, location=location, quote=quote, unit=unit.name if unit else finding.unit
    )


def _lines(hunk: Hunk, lines: Sequence[str]) -> tuple[int, int]:
    """The hunk's first and last line on the head that are not blank; for a deletion the line before it."""
    said = [n for n in hunk.head_lines if lines[n - 1].strip()]
    if said:
        return said[0], said[-1]
    line = max(1, min(hunk.head_start, len(lines)))
    return line, line


def _description(hunks: tuple[Hunk, ...]) -> str:
    if len(hunks) > 1:
        return f"take {len(hunks)} places of this file back"
    return "take this line back" if hunks[0].head_count < 2 else "take these lines back"
