"""One fix for all that a change breaks: a person applies one patch, and every proved failure is green.

Each finding's own fix was tried alone, and mends its own tests. Where the fixes of several differ they are joined and
tried together; only what execution confirms takes their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..change.change import Change
from ..change.git import Repository
from ..draft import Draft
from ..finding import Finding, Suggestion, Verdict
from .applied import joined, new_texts
from .judge import by_tests, parses
from .patch import Candidate, unified
from .touched import Workshop


def join_fixes(repo: Repository, change: Change, workshop: Workshop, draft: Draft) -> None:
    """Give the reproduced findings that have verified fixes one fix for all of them.

    Where none is found each keeps its own. A fix that leaves a proved failure red says so in its reason.
    """
    red = [i for i, f in enumerate(draft.findings) if f.reproducer and f.reproducer.command in workshop.failures]
    mended = [i for i in red if _verified(draft.findings[i])]
    if len(_patches(draft, mended)) > 1 and not draft.late:
        _join(repo, change, workshop, draft, mended)
    for i in mended:
        draft.findings[i] = _with_what_is_left(draft.findings[i], [draft.findings[j] for j in red])


def _verified(finding: Finding) -> bool:
    return finding.suggestion is not None and finding.suggestion.verdict is Verdict.VERIFIED


def _patches(draft: Draft, numbers: Sequence[int]) -> list[str]:
    found = (draft.findings[i].suggestion for i in numbers)
    return list(dict.fromkeys(s.patch for s in found if s))


def _join(repo: Repository, change: Change, workshop: Workshop, draft: Draft, numbers: Sequence[int]) -> None:
    commands = [r.command for i in numbers if (r := draft.findings[i].reproducer)]
    tests = [n for command in commands for n in workshop.failures[command].node_ids]
    for candidate in _candidates(repo, change, _patches(draft, numbers), len(numbers)):
        judgement = by_tests(workshop, candidate, tests, ())
        if judgement.verdict is Verdict.VERIFIED:
            head = _Heads(repo, change)
            texts = ((candidate.path, candidate.text), *candidate.also)
            patch = "".join(unified(path, head(path), text) for path, text in texts)
            fix = Suggestion(
                patch, candidate.description, judgement.verdict, judgement.reason, judgement.before, judgement.after
            )
            for i in numbers:
                draft.findings[i] = replace(draft.findings[i], suggestion=fix)
            return


class _Heads:
    """The texts of changed files on the head."""

    def __init__(self, repo: Repository, change: Change) -> None:
        self._repo, self._change = repo, change

    def __call__(self, path: str) -> str:
        file = self._change.file(path)
        return self._repo.read(file.head_blob).decode("utf-8", "surrogateescape") if file and file.head_blob else ""


def _candidates(repo: Repository, change: Change, patches: Sequence[str], findings: int) -> Iterator[Candidate]:
    """All fixes together, then the larger ones alone: one of them may do for all."""
    head = _Heads(repo, change)
    fixes = [fix for patch in patches if (fix := new_texts(patch, head))]
    paths = dict.fromkeys(path for fix in fixes for path in fix)
    union = {path: joined(head(path), (fix[path] for fix in fixes if path in fix)) for path in paths}
    seen: list[dict[str, str]] = []
    for fix in (union, *sorted(fixes, key=lambda f: -sum(map(len, f.values())))):
        if fix and fix not in seen and all(map(parses, fix.values())):
            seen.append(fix)
            (path, text), *rest = fix.items()
            said = f"the fixes of these {findings} findings together" if fix == union else "the fix of one finding"
            yield Candidate(path, text, said, tuple(rest))


def _with_what_is_left(finding: Finding, red: Sequence[Finding]) -> Finding:
    """The finding whose fix says how many of the other findings' tests stay red with it."""
    own = finding.suggestion
    left = sum(f.suggestion is None or own is None or f.suggestion.patch != own.patch for f in red)
    if own is None or not left:
        return finding
    which = "another finding's test is" if left == 1 else f"the tests of {left} other findings are"
    return replace(finding, suggestion=replace(own, reason=f"{own.reason}; {which} not mended by it"))
