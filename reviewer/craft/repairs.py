"""Fixes for code as it stands: what fails is run until it is sure, the function behind it found, proposals judged."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..change.change import Unit
from ..errors import ToolError, UsageError
from ..evidence.gather import gather
from ..evidence.testfiles import patterns_from
from ..finding import Finding, Suggestion
from ..review import Skipped, TestReport
from ..tasks.fix import FUNCTIONS
from ..tasks.prompt import fits
from ..tasks.session import Session
from ..verify.canary import Flight, release
from ..verify.compare import Failure, folded
from ..verify.failing import failing
from ..verify.gaps import environment_gap
from ..verify.inplace import replaced
from ..verify.judge import GOOD
from ..verify.outcome import TestOutcome, TestRun
from ..verify.repair import Repairer
from ..verify.standing import Standing
from ..verify.suspects import Suspect, suspects
from ..verify.touched import Workshop, command_of
from ..verify.trial import Means
from .asked import Asked
from .reds import finding_of, is_named, no_bench, of_rule, red_of

MOST_CAUSES, MOST_SUSPECTS, MOST_FINDINGS = 3, 3, 5


def repair(
    stand: Standing, asked: Asked, session: Callable[[], Session], samples: int, stage: Callable[[str], None]
) -> None:
    """Add what fails, or what a tool finds, to the stand's draft, each with the best fix that was judged.

    Raises UsageError when nothing fails, or not steadily; ToolError when the tests cannot be run; ModelError.
    """
    with replaced(stand.head, asked.extra):
        work = _Work(stand, session, samples, stage)
        stand.draft.findings += list(work.for_rule(asked) if asked.rule else work.for_tests(asked))


@dataclass(slots=True)
class _Work:
    stand: Standing
    session: Callable[[], Session]
    samples: int
    stage: Callable[[str], None]
    tools: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    runs: dict[tuple[str, ...], TestRun] = field(default_factory=dict)

    def for_tests(self, asked: Asked) -> Iterator[Finding]:
        """One finding for each cause of what fails."""
        nodes = asked.tests or self.stand.tests_of(asked.path)
        if self.stand.bench is None:
            raise ToolError(*no_bench(self.stand.draft))
        if not nodes:
            raise UsageError(f"no test file imports {asked.path}", "name a finding to mend: --rule B602")
        self.stage("the failing tests")
        targets = tuple(dict.fromkeys(n.partition("::")[0] for n in nodes))
        traced = (asked.path,) if asked.path else self.stand.product
        run = self.runs[targets] = self.stand.run(targets, traced=traced)
        failures = self._causes(red_of(run, nodes, asked))
        for failure in failures[:MOST_CAUSES]:
            yield self._mended(asked, failure, run, targets)
        left = failures[MOST_CAUSES:]
        self.stand.draft.skip(Skipped(f"a fix for {f.node_ids[0]}", f"only {MOST_CAUSES} are tried") for f in left)

    def _causes(self, red: Sequence[TestOutcome]) -> Sequence[Failure]:
        """What fails a second time too, with another order of sets; equal failures are one. Raises UsageError."""
        again = self.stand.run([o.node_id for o in red], seed=1)
        steady = [o for o in red if any(o.node_id == p.node_id for p in again.red)]
        if not steady:
            raise UsageError(f"{red[0].node_id} failed once and then passed", "a flaky test cannot judge a fix")
        failures = [Failure((o.node_id,), "absent", o, None, o.lines) for o in steady]
        for failure in failures:
            if gap := environment_gap(failure, self.stand.own):
                raise UsageError(f"{failure.node_ids[0]} {gap}", "install it, or name another --python")
        draft = self.stand.draft
        flaky = [o.node_id for o in red if o not in steady]
        draft.skip(Skipped(f"test {n}", "flaky: it failed once and then passed", harmless=True) for n in flaky)
        return folded(failures)

    def _mended(self, asked: Asked, failure: Failure, run: TestRun, files: Sequence[str]) -> Finding:
        """The failure as a finding, with the first fix that turns it green, of the functions it may come from."""
        ranked = self._suspects(asked, failure, run)
        if not ranked:
            reason = "it runs no function that a fix may change, or only such as are too long to be written again"
            self.stand.draft.skip([Skipped(f"a fix for {failure.node_ids[0]}", reason)])
            return finding_of(failure, None, asked)
        found = [self._at(asked, failure, files, ranked[0])]
        for suspect in ranked[1:MOST_SUSPECTS]:
            if _good(found[-1]) or self.stand.draft.late:
                break
            found.append(self._at(asked, failure, files, suspect))
        return next((f for f in found if _good(f)), found[0])

    def _suspects(self, asked: Asked, failure: Failure, run: TestRun) -> list[Suspect]:
        reached = {*failure.outcome.lines, *(f.path for f in failure.outcome.frames)}
        product = self.stand.product
        units = [u for p in product if p in reached and p in (asked.path or p) for u in self.stand.units(p)]
        fit = [u for u in units if u.kind in FUNCTIONS and fits(u) and is_named(u, asked.name)]
        one = failing(failure.outcome, self.stand.head)
        return suspects(fit, failure.outcome, run, one.code if one else "")

    def _at(self, asked: Asked, failure: Failure, files: Sequence[str], suspect: Suspect) -> Finding:
        path = suspect.unit.path
        self.stage(f"a fix in {suspect.unit.label}")
        near = [t for t in self.stand.tests_of(path) if t not in files]
        targets = (*files, *near)
        before = self._before(targets)
        finding = finding_of(failure, suspect, asked)
        workshop = self.stand.workshop(targets, before, {command_of(failure): failure})
        return replace(finding, suggestion=self._best(path, finding, workshop))

    def _before(self, targets: tuple[str, ...]) -> TestRun:
        if targets not in self.runs:
            self.runs[targets] = self.stand.run(targets)
        return self.runs[targets]

    def for_rule(self, asked: Asked) -> Iterator[Finding]:
        """The findings of a tool in a file, each with its fix."""
        self.stage("ruff and bandit")
        chosen = of_rule(self._tools(asked.path), asked)
        units = {f: next((u for u in self.stand.units(asked.path) if u.name == f.unit), None) for f in chosen}
        workshop = self._doubted(asked.path, [u for u in units.values() if u])
        for number, finding in enumerate(chosen):
            unit = units[finding]
            if number >= MOST_FINDINGS or unit is None or unit.kind not in FUNCTIONS:
                why = f"only {MOST_FINDINGS} are tried" if number >= MOST_FINDINGS else "it is in no function"
                self.stand.draft.skip([Skipped(f"a fix for {finding.rule_id}, line {_line(finding)}", why)])
                yield finding
                continue
            self.stage(f"a fix for {finding.rule_id} in {finding.unit}")
            yield replace(finding, suggestion=self._best(asked.path, finding, workshop))

    def _doubted(self, path: str, units: Sequence[Unit]) -> Workshop | None:
        """Where fixes without a failing test are judged; its tests must notice when the functions are made to raise."""
        targets = self.stand.tests_of(path)
        if self.stand.bench is None or not targets:
            return None
        self.stage("the tests that run this code")
        run = self._before(targets)
        workshop = self.stand.workshop(targets, run, {})
        spans = [u.head for u in units if u.head]
        if workshop is None or not spans:
            return workshop
        head = self.stand.head
        flight = Flight(workshop.bench, head, head, targets, run)
        change = self.stand.change(path, *dict.fromkeys(spans))
        canary = release(flight, change, self.stand.repo.read, patterns_from(self.stand.configs), workshop.limit)
        self.stand.draft.tests = TestReport(targets, None, run.counts, canary.status)
        return replace(workshop, doubt=canary.doubt)

    def _tools(self, path: str) -> tuple[Finding, ...]:
        """What the tools say of a whole file."""
        if path not in self.tools:
            place = Path(tempfile.mkdtemp(dir=self.stand.scratch)) / "evidence"
            found = gather(
                self.stand.change(path), self.stand.repo.read, self.stand.units(path), self.stand.configs, place
            )
            self.tools[path] = found.findings
        return self.tools[path]

    def _best(self, path: str, finding: Finding, workshop: Workshop | None) -> Suggestion | None:
        stand, session = self.stand, self.session()
        stand.draft.model = session.provider.info
        place = stand.scratch / "fixes"
        means = Means(stand.repo, stand.change(path), stand.configs, workshop, session, self.samples, place, stand.own)
        try:
            return Repairer(means, stand.units(path)).best([finding], self._tools(path))
        finally:
            stand.draft.usage += session.usage
            stand.draft.skip(session.notes)


def _good(finding: Finding) -> bool:
    return finding.suggestion is not None and finding.suggestion.verdict in GOOD


def _line(finding: Finding) -> int:
    return finding.location.start_line
