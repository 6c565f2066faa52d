"""Which of the change's hunks breaks a test: each is taken back in the copy and the test is run.

Needs no model. The hunk without which the test passes is where the finding belongs, and taking it back is a fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..change.change import Change, FileChange, Hunk, Unit
from ..change.git import Repository
from ..draft import Draft
from ..finding import Finding, Location, Suggestion, Verdict
from .compare import Failure
from .judge import Judgement, by_tests, parses
from .lawful import may_be_fixed
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
        candidate = attempt.candidate
        judgement = by_tests(workshop, candidate, failure.node_ids, ())
        if judgement.verdict is Verdict.VERIFIED:
            return _with_fix(finding, units, attempt, candidate, judgement)
    return finding


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Hunks of one file taken back, or all of several: `head` has the texts as the change left them, by path."""

    hunks: tuple[Hunk, ...]
    head: Mapping[str, str]
    candidate: Candidate


def _attempts(
    repo: Repository, change: Change, units: Sequence[Unit], finding: Finding, failure: Failure
) -> Iterator[_Attempt]:
    """The smallest parts that the test ran first, then whole hunks, then all of a unit, of a file, of all files."""
    whole: dict[str, tuple[str, str]] = {}
    for file in _files(change, finding, failure):
        base, head = whole[file.path] = _texts(repo, file)
        ran = set(failure.executed.get(file.path, ()))
        small = [part for hunk in file.hunks for part in refine(base, head, hunk)]
        nearest = (*_nearest(small, ran, finding)[:PARTS], *_nearest(file.hunks, ran, finding)[:HUNKS])
        seen: set[str] = set()
        for hunks in (*((hunk,) for hunk in nearest), _of_unit(file, units, finding), file.hunks):
            text = take_back(base, head, hunks)
            if text not in seen and parses(text) and not same_code(text, head):
                seen.add(text)
                candidate = Candidate(file.path, text, _description(hunks))
                yield _Attempt(hunks, {file.path: head}, candidate)
    for file in _product(change):
        whole.setdefault(file.path, _texts(repo, file))
    if len(whole) > 1:
        first, *rest = ((path, base) for path, (base, _) in whole.items())
        candidate = Candidate(*first, f"take the change to {len(whole)} files back", tuple(rest))
        yield _Attempt((), {path: head for path, (_, head) in whole.items()}, candidate)


def _texts(repo: Repository, file: FileChange) -> tuple[str, str]:
    """A file on the base and on the head."""
    base, head = (repo.read(blob).decode("utf-8", "surrogateescape") for blob in (file.base_blob, file.head_blob))
    return base, head


def _product(change: Change) -> list[FileChange]:
    """Changed code that both sides have and that a fix may edit."""
    files = (f for f in change.files if f.is_python and f.base_blob and f.head_blob and f.hunks)
    return [f for f in files if may_be_fixed(f.path)]


def _files(change: Change, finding: Finding, failure: Failure) -> list[FileChange]:
    """The finding's file, then others that the test ran; where it ran none, every changed one."""
    files = sorted(_product(change), key=lambda f: f.path != finding.location.path)
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
    texts = ((candidate.path, candidate.text), *candidate.also)
    suggestion = Suggestion(
        "".join(unified(path, attempt.head[path], text) for path, text in texts),
        candidate.description,
        judgement.verdict,
        judgement.reason,
        judgement.before,
        judgement.after,
    )
    if len(attempt.hunks) != 1:
        return replace(finding, suggestion=suggestion)
    lines = lines_of(attempt.head[candidate.path])
    start, end = _lines(attempt.hunks[0], lines)
    location = Location(candidate.path, start, end)
    unit = unit_at(units, candidate.path, start)
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
