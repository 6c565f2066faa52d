"""What execution says of a candidate fix: the file is changed in the throw-away copy, and the tests are run."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..change.change import Change, FileChange
from ..change.git import Repository
from ..change.units import cut
from ..evidence.gather import gather
from ..finding import Category, Counts, Finding, Proof, Severity, Verdict
from .inplace import replaced
from .outcome import PASSED, TestOutcome, TestRun
from .patch import Candidate, hunks_between
from .runner import run_tests
from .touched import Workshop

GOOD = frozenset({Verdict.VERIFIED, Verdict.PASSES})
SEEDS = (2, 3, 4)
FEW = 20


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, its reason in words, and the outcomes of the touched tests without and with the fix.

    `red` is a reproducer as it fails with the fix.
    """

    verdict: Verdict
    reason: str
    before: Counts | None = None
    after: Counts | None = None
    red: TestOutcome | None = None


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

    `reproducers` are node ids of tests, paths of files that could not be loaded, or "" for a run that could not start.
    `lines` are the candidate's own lines in its new text: a green of tests that run none of them proves nothing. Code
    with lines of its own must pass under several hash seeds: one order of a set is right by luck.
    """
    texts = ((candidate.path, candidate.text), *candidate.also)
    contents = {path: text.encode("utf-8", "surrogateescape") for path, text in texts}
    if reproducers:
        wanted = workshop.targets if "" in reproducers else whole_files_first(reproducers)
        with replaced(workshop.head, contents):
            first = _run(workshop, wanted, candidate.path, (), 1)
        if objection := _still_red(workshop, first, reproducers):
            return objection
    flaky = set(workshop.comparison.flaky)
    for seed in SEEDS if lines else SEEDS[:1]:
        with replaced(workshop.head, contents):
            after = _run(workshop, workshop.targets, candidate.path, lines, seed)
        flaky |= _red_without(workshop, broken(workshop.comparison.head, after, flaky), seed)
        judgement = _compared(workshop, after, reproducers, candidate.path, frozenset(flaky))
        if judgement.verdict not in GOOD:
            break
    return judgement


def _red_without(workshop: Workshop, lost: Sequence[str], seed: int) -> set[str]:
    """Those of a few tests of the head that fail under a hash seed without any candidate: none broke them."""
    single = [node_id for node_id in lost if "::" in node_id and node_id in workshop.comparison.head.outcomes]
    if not 0 < len(single) <= FEW:
        return set()
    again = run_tests(workshop.bench, workshop.head, single, timeout=workshop.limit, hash_seed=seed)
    return {o.node_id for o in again.red} & set(single) if again.trusted else set()


def whole_files_first(targets: Iterable[str]) -> tuple[str, ...]:
    """The targets once each, without the node ids of files that are run as a whole."""
    ordered = tuple(dict.fromkeys(targets))
    whole = {t for t in ordered if "::" not in t}
    return tuple(t for t in ordered if t in whole or _file(t) not in whole)


def _run(workshop: Workshop, targets: Sequence[str], path: str, lines: Sequence[int], seed: int) -> TestRun:
    return run_tests(
        workshop.bench,
        workshop.head,
        targets,
        timeout=workshop.limit,
        changed=[path],
        trace={path: lines},
        hash_seed=seed,
    )


def _still_red(workshop: Workshop, run: TestRun, reproducers: Sequence[str]) -> Judgement | None:
    """What is said of a candidate with which a reproducer does not pass; None when all do."""
    if not run.usable:
        return Judgement(Verdict.NOT_RUN, run.reason)
    if run.trusted and all(_passes(workshop, run, node_id) for node_id in reproducers):
        return None
    red = next((run.outcomes[n] for n in reproducers if n in run.outcomes and run.outcomes[n].red), None)
    return replace(refused("the failing test still fails with it"), red=red)


def _passes(workshop: Workshop, run: TestRun, node_id: str) -> bool:
    """The test passed; or the file, or the run, is loaded now, and nothing in it fails that the base passed."""
    if "::" in node_id:
        return node_id in run.outcomes and run.outcomes[node_id].outcome in PASSED
    base = workshop.comparison.base
    excused = {o.node_id for o in base.red} if base else set[str]()
    excused.update(workshop.comparison.flaky)
    return not any(_covers(node_id, o.node_id) for o in run.red if o.node_id not in excused)


def _covers(node_id: str, other: str) -> bool:
    """Whether a node id is, or is of the file of, another; "" is the whole run."""
    return not node_id or node_id in {other, _file(other)}


def _file(node_id: str) -> str:
    return node_id.partition("::")[0]


def _compared(
    workshop: Workshop, after: TestRun, reproducers: Sequence[str], path: str, flaky: frozenset[str]
) -> Judgement:
    before = workshop.comparison.head
    counts = (before.counts, after.counts)
    if doubt := after.reason or workshop.doubt:
        return Judgement(Verdict.NOT_RUN, doubt, *counts)
    if lost := broken(before, after, flaky):
        return Judgement(Verdict.REFUTED, f"with it {lost[0] or 'pytest'} no longer passes", *counts)
    if not all(_passes(workshop, after, node_id) for node_id in reproducers):
        return Judgement(Verdict.REFUTED, "the failing test still fails with it when all tests are run", *counts)
    if reproducers:
        tests = "the failing test passes" if len(reproducers) == 1 else f"the {len(reproducers)} failing tests pass"
        return Judgement(Verdict.VERIFIED, f"{tests} with it, and no other test breaks", *counts)
    ran = sum(path in o.lines and o.outcome in PASSED for n, o in after.outcomes.items() if n not in flaky)
    if not ran:
        return Judgement(Verdict.NOT_RUN, "no test runs this code", *counts)
    return Judgement(
        Verdict.PASSES,
        f"{ran} test that runs this code passes" if ran == 1 else f"{ran} tests that run this code pass",
        *counts,
    )


def broken(before: TestRun, after: TestRun, flaky: Collection[str]) -> list[str]:
    """What passed before and does not any more (red, skipped or gone), and what fails that did not fail before.

    A test that could not run before, since its file or the whole run did not load or the run ended early, is not held
    against the candidate.
    """
    passing = {n for n, o in after.outcomes.items() if o.outcome in PASSED}
    lost = {n for n, o in before.outcomes.items() if o.outcome in PASSED} - passing
    was_red = {o.node_id for o in before.red}
    complete = before.trusted and "" not in was_red
    fresh = {o.node_id for o in after.red if complete and was_red.isdisjoint((o.node_id, _file(o.node_id)))}
    return sorted((lost | fresh) - set(flaky))


def by_tools(
    repo: Repository,
    change: Change,
    configs: Mapping[str, str],
    findings: Sequence[Finding],
    target: Finding,
    candidate: Candidate,
    scratch: Path,
) -> str:
    """Why the tools are not content with the candidate, or "": it must silence the target and add nothing but notes.

    `findings` are those of the head, `configs` the base's configuration files by name, `scratch` an absent folder.
    """
    file = change.file(candidate.path)
    if file is None:
        return "it is not in a changed file"
    new = _with_candidate(repo, change, configs, file, candidate, scratch)
    old = Counter(_key(f) for f in findings if f.proof is Proof.TOOL)
    now = Counter(map(_key, new))
    worse = [f for f in new if now[_key(f)] > old[_key(f)] and _counts(f, target)]
    if worse:
        return f"{worse[0].sources[0]} reports {worse[0].rule_id} with it"
    loud = target.proof is Proof.TOOL and any(_key(f) == _key(target) for f in new)
    return f"{target.sources[0]} still reports {target.rule_id} with it" if loud else ""


def _counts(finding: Finding, target: Finding) -> bool:
    """Whether a new remark refutes a fix: a note does not, unless it silences tools or is of the target's own kind."""
    grave = finding.severity is not Severity.NOTE or finding.rule_id.endswith("/new-suppression")
    return grave or (finding.category is target.category and finding.category is not Category.STYLE)


def _key(finding: Finding) -> tuple[str, str, str]:
    return (finding.rule_id, finding.location.path, finding.unit)


def _with_candidate(
    repo: Repository, change: Change, configs: Mapping[str, str], file: FileChange, candidate: Candidate, scratch: Path
) -> tuple[Finding, ...]:
    """What the tools find that the base did not have, were the candidate the head."""
    data = candidate.text.encode("utf-8", "surrogateescape")
    base = repo.read(file.base_blob).decode("utf-8", "surrogateescape") if file.base_blob else ""
    one = replace(change, files=(replace(file, hunks=hunks_between(base, candidate.text)),))

    def read(blob: str) -> bytes:
        return data if blob == file.head_blob else repo.read(blob)

    units, _ = cut(one, read)
    return gather(one, read, units, configs, scratch).findings
