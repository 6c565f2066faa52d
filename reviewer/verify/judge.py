"""What execution says of a candidate fix: the file is changed in the throw-away copy, and the tests are run."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..change.change import Change, FileChange
from ..change.git import Repository
from ..change.units import cut
from ..evidence.bandit import Bandit
from ..evidence.base import Sides
from ..evidence.fold import fold
from ..evidence.materialise import materialise
from ..evidence.ruff import Ruff
from ..finding import Counts, Finding, Proof, Verdict
from .patch import Candidate, hunks_between
from .runner import TestRun, run_tests
from .touched import Workshop


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, its reason in words, and the outcomes of the touched tests without and with the fix."""

    verdict: Verdict
    reason: str
    before: Counts | None = None
    after: Counts | None = None


def refused(reason: str) -> Judgement:
    """A candidate that is out before any test was run."""
    return Judgement(Verdict.REFUTED, reason)


def parses(text: str) -> bool:
    """Whether a Python file's text parses."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def by_tests(workshop: Workshop, candidate: Candidate, reproducers: Sequence[str], lines: Sequence[int]) -> Judgement:
    """Run the reproducers, then every touched test, on the head with the candidate in place.

    `lines` are the candidate's own lines in its new text: a green of tests that run none of them proves nothing.
    """
    with _in_place(workshop.head / candidate.path, candidate.text):
        if reproducers:
            red = run_tests(workshop.bench, workshop.head, reproducers, timeout=workshop.timeout)
            if not _all_pass(red, reproducers):
                return refused("the failing test still fails with it")
        trace = {candidate.path: lines}
        after = run_tests(
            workshop.bench,
            workshop.head,
            workshop.targets,
            timeout=workshop.timeout,
            changed=[candidate.path],
            trace=trace,
        )
    before = workshop.comparison.head
    return _compared(before, after, reproducers, candidate.path, frozenset(workshop.comparison.flaky))


def _compared(
    before: TestRun, after: TestRun, reproducers: Sequence[str], path: str, flaky: frozenset[str]
) -> Judgement:
    counts = (before.counts, after.counts)
    if not after.trusted:
        return Judgement(Verdict.NOT_RUN, after.reason, *counts)
    green = {n for n, o in before.outcomes.items() if o.outcome == "passed" and n not in flaky}
    broken = [n for n in green if n not in after.outcomes or after.outcomes[n].red]
    if broken:
        return Judgement(Verdict.REFUTED, f"with it {sorted(broken)[0]} no longer passes", *counts)
    if reproducers:
        tests = "the failing test passes" if len(reproducers) == 1 else f"the {len(reproducers)} failing tests pass"
        return Judgement(Verdict.VERIFIED, f"{tests} with it, and no other test breaks", *counts)
    ran = any(path in o.lines for o in after.outcomes.values())
    if not ran:
        return Judgement(Verdict.NOT_RUN, "no test runs this code", *counts)
    return Judgement(Verdict.PASSES, f"{after.counts.passed} tests that run this code pass", *counts)


def _all_pass(run: TestRun, node_ids: Sequence[str]) -> bool:
    """Node ids are those of tests, or paths of files that could not be loaded."""
    for node_id in node_ids:
        mine = [o for n, o in run.outcomes.items() if n == node_id or n.startswith(f"{node_id}::") or not node_id]
        if not mine or any(o.red for o in mine):
            return False
    return run.trusted and not run.collection_errors


def by_tools(
    repo: Repository, change: Change, findings: Sequence[Finding], target: Finding, candidate: Candidate, scratch: Path
) -> str:
    """Why ruff and bandit are not content with the candidate, or "": it must add nothing and silence the target."""
    file = change.file(candidate.path)
    if file is None:
        return "it is not in a changed file"
    new = _with_candidate(repo, change, file, candidate, scratch)
    old = Counter(_key(f) for f in findings if f.proof is Proof.TOOL)
    worse = [f for f in new if Counter(map(_key, new))[_key(f)] > old[_key(f)]]
    if worse:
        return f"{worse[0].sources[0]} reports {worse[0].rule_id} with it"
    loud = target.proof is Proof.TOOL and any(_key(f) == _key(target) for f in new)
    return f"{target.sources[0]} still reports {target.rule_id} with it" if loud else ""


def _key(finding: Finding) -> tuple[str, str, str]:
    return (finding.rule_id, finding.location.path, finding.unit)


def _with_candidate(
    repo: Repository, change: Change, file: FileChange, candidate: Candidate, scratch: Path
) -> list[Finding]:
    """What the tools find that the base did not have, were the candidate the head."""
    data = candidate.text.encode("utf-8", "surrogateescape")
    base = repo.read(file.base_blob).decode("utf-8", "surrogateescape") if file.base_blob else ""
    fixed = replace(file, hunks=hunks_between(base, candidate.text))
    one = replace(change, files=(fixed,))

    def read(blob: str) -> bytes:
        return data if blob == file.head_blob else repo.read(blob)

    units, _ = cut(one, read)
    sides: Sides = materialise(one, read, scratch).sides
    return list(fold(f for collector in (Ruff(), Bandit()) for f in collector.collect(one, sides, units).findings))


@contextmanager
def _in_place(path: Path, text: str) -> Iterator[None]:
    """The file with another text, for as long as the block runs."""
    original = path.read_bytes()
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    try:
        yield
    finally:
        path.write_bytes(original)
