"""Which of the change's hunks breaks a test: each is taken back in the copy and the test is run.

Needs no model. The hunk without which the test passes is where the finding belongs, and taking it back is a fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..change.change import Change, FileChange, Hunk
from ..change.git import Repository
from ..draft import Draft
from ..finding import Finding, Location, Suggestion, Verdict
from .compare import Failure
from .judge import Judgement, by_tests
from .patch import Candidate, lines_of, take_back, unified
from .touched import Workshop

MAX_TRIES = 8


def find_culprits(repo: Repository, change: Change, workshop: Workshop, draft: Draft) -> None:
    """For each reproduced finding whose test passed on the base: place it on the hunk that breaks it, with the fix.

    Findings that end on the same lines are one bug seen by several tests, and become one finding.
    """
    for number, finding in enumerate(draft.findings):
        failure = workshop.failures.get(finding.reproducer.command) if finding.reproducer else None
        if failure is not None and failure.base == "pass":
            draft.findings[number] = _placed(repo, change, workshop, draft, finding, failure)
    draft.findings = _joined(draft.findings)


def _joined(findings: Sequence[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    places: set[tuple[str, Location]] = set()
    for finding in findings:
        place = (finding.rule_id, finding.location)
        if finding.reproducer is None or place not in places:
            kept.append(finding)
        places.add(place)
    return kept


def _placed(
    repo: Repository, change: Change, workshop: Workshop, draft: Draft, finding: Finding, failure: Failure
) -> Finding:
    for tried, (file, hunks) in enumerate(_attempts(change, finding, failure)):
        if tried == MAX_TRIES or draft.late:
            break
        texts = [repo.read(b).decode("utf-8", "surrogateescape") for b in (file.base_blob, file.head_blob)]
        candidate = Candidate(file.path, take_back(texts[0], texts[1], hunks), _description(hunks))
        judgement = by_tests(workshop, candidate, failure.node_ids, ())
        if judgement.verdict is Verdict.VERIFIED:
            return _with_fix(finding, file, hunks, texts[1], candidate, judgement)
    return finding


def _attempts(change: Change, finding: Finding, failure: Failure) -> Iterator[tuple[FileChange, tuple[Hunk, ...]]]:
    """Single hunks that the test ran, nearest to the finding first; then all of a file's hunks together."""
    files = [f for f in change.files if f.is_python and f.base_blob and f.head_blob and f.hunks]
    files.sort(key=lambda f: (f.path != finding.location.path, f.path not in failure.executed))
    files = [f for f in files if f.path == finding.location.path or f.path in failure.executed] or files
    at = finding.location.start_line
    for file in files:
        ran = set(failure.executed.get(file.path, ()))
        near = sorted(file.hunks, key=lambda h: (not ran & _lines(h), abs(h.head_start - at)))
        yield from ((file, (hunk,)) for hunk in near[:MAX_TRIES])
    for file in files:
        if len(file.hunks) > 1:
            yield file, file.hunks


def _lines(hunk: Hunk) -> set[int]:
    return set(hunk.head_lines) or {hunk.head_start, hunk.head_start + 1}


def _with_fix(
    finding: Finding, file: FileChange, hunks: tuple[Hunk, ...], head: str, candidate: Candidate, judgement: Judgement
) -> Finding:
    suggestion = Suggestion(
        unified(file.path, head, candidate.text),
        candidate.description,
        judgement.verdict,
        judgement.reason,
        judgement.before,
        judgement.after,
    )
    if len(hunks) > 1:
        return replace(finding, suggestion=suggestion)
    start = max(1, hunks[0].head_start)
    end = max(start, start + hunks[0].head_count - 1)
    quote = (lines_of(head) or [""])[min(start, len(lines_of(head))) - 1].rstrip("\r\n")
    return replace(finding, suggestion=suggestion, location=Location(file.path, start, end), quote=quote)


def _description(hunks: tuple[Hunk, ...]) -> str:
    return "take these lines back" if len(hunks) == 1 else f"take {len(hunks)} places of this file back"
