"""Which of the change's hunks breaks a test: each is taken back in the copy and the test is run.

Needs no model. The hunk without which the test passes is where the finding belongs, and taking it back is a fix.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

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
    search = _Search(repo, change, units, workshop, draft)
    failures = dict(workshop.failures)
    try:
        for number in range(len(draft.findings)):
            search.place(number)
    finally:  # also where the time is over
        draft.findings = _joined(draft.findings, failures, search.in_vain)
    return replace(workshop, failures=failures)


@dataclass(frozen=True, slots=True)
class _Search:
    """What the search for culprits knows; `in_vain` are the commands of failures that no attempt mended."""

    repo: Repository
    change: Change
    units: Sequence[Unit]
    workshop: Workshop
    draft: Draft
    in_vain: set[str] = field(default_factory=set)

    def place(self, number: int) -> None:
        """Place one finding of the draft; where what mends it mends all that are left too, those as well."""
        finding, failure = self.draft.findings[number], self._open(number)
        if failure is None:
            return
        for attempt in self._attempts(finding, failure):
            if self.draft.late:
                return
            if judgement := self._mended(attempt, [failure]):
                self.draft.findings[number] = _with_fix(finding, self.units, attempt, judgement)
                self._place_others(number, attempt)
                return
        self.in_vain.add(_command(finding))

    def _attempts(self, finding: Finding, failure: Failure) -> Iterator[_Attempt]:
        """Parts of one file after the other, so many of them; then, whatever was tried, all of all files."""
        yield from islice(_attempts(self.repo, self.change, self.units, finding, failure), MAX_TRIES)
        yield from _everything(self.repo, self.change)

    def _place_others(self, first: int, attempt: _Attempt) -> None:
        """One run tells of all at once, the first again: mostly a bug is seen by many tests."""
        failures = {n: f for n in range(len(self.draft.findings)) if (f := self._open(n))}
        if not failures:
            return
        failures[first] = self.workshop.failures[_command(self.draft.findings[first])]
        if judgement := self._mended(attempt, failures.values()):
            for number in failures:
                finding = self.draft.findings[number]
                self.draft.findings[number] = _with_fix(finding, self.units, attempt, judgement)

    def _open(self, number: int) -> Failure | None:
        """The failure of a finding whose test passed on the base, and that has no place yet."""
        finding = self.draft.findings[number]
        failure = self.workshop.failures.get(_command(finding))
        done = finding.suggestion or _command(finding) in self.in_vain
        return failure if failure and failure.base == "pass" and not done else None

    def _mended(self, attempt: _Attempt, failures: Iterable[Failure]) -> Judgement | None:
        wanted = [name for failure in failures for name in failure.node_ids]
        judgement = by_tests(self.workshop, attempt.candidate, wanted, ())
        return judgement if judgement.verdict is Verdict.VERIFIED else None


def _command(finding: Finding) -> str:
    return finding.reproducer.command if finding.reproducer else ""


def _joined(findings: Sequence[Finding], failures: dict[str, Failure], in_vain: Collection[str]) -> list[Finding]:
    """One finding for each cause; `failures` is changed along, so that a fix has to turn all of its tests green.

    One that was not tried any more is counted with the one at its place.
    """
    kept: list[Finding] = []
    for finding in findings:
        command = _command(finding)
        same = (n for n, first in enumerate(kept) if _command(first) in failures and _is_same(first, finding, in_vain))
        place = next(same, None) if command in failures else None
        if place is None:
            kept.append(finding)
            continue
        first = kept[place]
        one = _command(first)
        both = (*failures[one].node_ids, *failures.pop(command).node_ids)
        failures[one] = replace(failures[one], node_ids=both)
        kept[place] = replace(first, message=message_of(failures[one]))
    return kept


def _is_same(first: Finding, other: Finding, in_vain: Collection[str]) -> bool:
    """Whether two failures are one bug: on the same lines with the same fix, or with none that was tried."""
    if first.rule_id != other.rule_id or not _overlap(first.location, other.location):
        return False
    fixes = [f.suggestion.patch if f.suggestion else "" for f in (first, other)]
    return fixes[0] == fixes[1] or (not fixes[1] and _command(other) not in in_vain)


def _overlap(one: Location, other: Location) -> bool:
    lines = one.start_line <= other.end_line and other.start_line <= one.end_line
    return (one.path, one.side) == (other.path, other.side) and lines


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Hunks of one file taken back, or all of several: `head` has the texts as the change left them, by path."""

    hunks: tuple[Hunk, ...]
    head: Mapping[str, str]
    candidate: Candidate


def _attempts(
    repo: Repository, change: Change, units: Sequence[Unit], finding: Finding, failure: Failure
) -> Iterator[_Attempt]:
    """The smallest parts that the test ran first, then whole hunks, then all of a unit, of a file."""
    for file in _files(change, finding, failure):
        base, head = _texts(repo, file)
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


def _everything(repo: Repository, change: Change) -> Iterator[_Attempt]:
    """All of the change taken back, where it is more than one file."""
    whole = {file.path: _texts(repo, file) for file in _product(change)}
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


def _with_fix(finding: Finding, units: Sequence[Unit], attempt: _Attempt, judgement: Judgement) -> Finding:
    candidate = attempt.candidate
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
