"""Fixes by the model, each judged: it must parse, add nothing that the tools report, and turn or keep tests green."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..change.change import Unit
from ..draft import Draft
from ..evidence.testfiles import patterns_from
from ..finding import Category, Finding, Proof, Severity, Suggestion, Verdict
from ..review import Skipped
from ..tasks.fix import FUNCTIONS
from ..tasks.prompt import fits
from ..tasks.session import DeadlineError
from .judge import GOOD
from .lawful import may_be_fixed
from .trial import Means, Trial

ORDER = (Verdict.VERIFIED, Verdict.PASSES, Verdict.NOT_RUN, Verdict.REFUTED)
FIXABLE = frozenset({Category.BUG, Category.SECURITY, Category.PERFORMANCE})
MAX_FIXES = 5


@dataclass(frozen=True, slots=True)
class Repairer:
    """Tries fixes for one change."""

    means: Means
    units: Sequence[Unit]

    def repair(self, draft: Draft) -> None:
        """Add a suggestion to the proved findings that have none, the worst first; what is not tried is Skipped.

        Reproduced findings of one unit are one task: a fix must turn all of their tests green, and is given to each.
        """
        wanted = [i for i, f in enumerate(draft.findings) if self._fixable(f) and draft.wants(f)]
        wanted.sort(key=lambda i: (draft.findings[i].proof.rank, draft.findings[i].severity.rank))
        tasks = self._tasks(wanted, draft.findings)
        for numbers in tasks[:MAX_FIXES]:
            try:
                suggestion = self.best([draft.findings[i] for i in numbers], draft.findings)
            except DeadlineError as error:
                draft.skip([Skipped(f"a fix for {draft.findings[numbers[0]].rule_id}", error.reason, harmless=True)])
                continue
            for i in numbers:
                draft.findings[i] = replace(draft.findings[i], suggestion=suggestion)
        draft.skip(
            Skipped(f"a fix for {draft.findings[numbers[0]].rule_id}", f"only {MAX_FIXES} are tried", harmless=True)
            for numbers in tasks[MAX_FIXES:]
        )

    def _tasks(self, wanted: Sequence[int], findings: Sequence[Finding]) -> list[list[int]]:
        """The findings to mend at once, by their numbers."""
        tasks: dict[object, list[int]] = {}
        for i in wanted:
            unit = self._unit(findings[i])
            key = (unit.path, unit.name) if unit and self._tests(findings[i]) else i
            tasks.setdefault(key, []).append(i)
        return list(tasks.values())

    def _tests(self, finding: Finding) -> tuple[str, ...]:
        """The node ids that prove a finding and can be run again."""
        if self.means.workshop is None or finding.reproducer is None:
            return ()
        failure = self.means.workshop.failures.get(finding.reproducer.command)
        return failure.node_ids if failure else ()

    def _fixable(self, finding: Finding) -> bool:
        proved = finding.proof is not Proof.MODEL and finding.category in FIXABLE
        grave = finding.severity is not Severity.NOTE or finding.category is Category.PERFORMANCE
        lawful = may_be_fixed(finding.location.path, patterns_from(self.means.configs))
        return proved and grave and lawful and finding.suggestion is None and self._unit(finding) is not None

    def _unit(self, finding: Finding) -> Unit | None:
        path, line = finding.location.path, finding.location.start_line
        functions = (u for u in self.units if u.kind in FUNCTIONS and u.name == finding.unit and fits(u))
        return next((u for u in functions if u.holds(path, line)), None)

    def best(self, task: Sequence[Finding], findings: Sequence[Finding]) -> Suggestion | None:
        """The first good proposal, or the best of all; a refuted one is only counted."""
        trial = self._trial(task, findings)
        if trial is None:
            return None
        best: Suggestion | None = None
        for suggestion in trial.suggestions():
            if best is None or ORDER.index(suggestion.verdict) < ORDER.index(best.verdict):
                best = suggestion
            if best.verdict in GOOD or (best.verdict is Verdict.NOT_RUN and task[0].reproducer is None):
                break
        return _presentable(best, task[0], len(trial.failures))

    def _trial(self, task: Sequence[Finding], findings: Sequence[Finding]) -> Trial | None:
        unit, file = self._unit(task[0]), self.means.change.file(task[0].location.path)
        if unit is None or unit.head is None or file is None:
            return None
        head = self.means.repo.read(file.head_blob).decode("utf-8", "surrogateescape")
        tests = tuple(dict.fromkeys(n for finding in task for n in self._tests(finding)))
        return Trial(self.means, task[0], findings, unit, head, tests)


def _presentable(best: Suggestion | None, finding: Finding, tried: int) -> Suggestion | None:
    """A patch that was refuted is not shown, nor a faster version that nothing has executed."""
    if best is None or best.verdict in GOOD:
        return best
    proposals_ = f"{tried} proposals were" if tried > 1 else "1 proposal was"
    if best.verdict is Verdict.REFUTED:
        return replace(best, patch="", reason=f"{proposals_} tried: {best.reason}")
    return None if finding.category is Category.PERFORMANCE else best
