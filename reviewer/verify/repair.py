"""Fixes by the model, each judged: it must parse, add nothing that the tools report, and turn or keep tests green."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..change.change import Change, Unit
from ..change.git import Repository
from ..draft import Draft
from ..finding import Category, Finding, Proof, Severity, Suggestion, Verdict
from ..review import Skipped
from ..tasks.fix import FUNCTIONS, proposals
from ..tasks.prompt import fits
from ..tasks.session import DeadlineError, Session
from .guidance import guidance
from .judge import GOOD, Judgement, by_tests, by_tools, parses, refused
from .patch import Candidate, hunks_between, touching, unified
from .rewrite import put_unit
from .touched import Workshop

ORDER = (Verdict.VERIFIED, Verdict.PASSES, Verdict.NOT_RUN, Verdict.REFUTED)
FIXABLE = frozenset({Category.BUG, Category.SECURITY, Category.PERFORMANCE})
MAX_FIXES = 5


@dataclass(frozen=True, slots=True)
class Repairer:
    """What is needed to try fixes for one change."""

    repo: Repository
    change: Change
    configs: Mapping[str, str]
    units: Sequence[Unit]
    workshop: Workshop | None
    session: Session
    samples: int
    scratch: Path

    def repair(self, draft: Draft) -> None:
        """Add a suggestion to the proved findings that have none, the worst first; what is not tried is Skipped."""
        wanted = [i for i, f in enumerate(draft.findings) if self._fixable(f)]
        wanted.sort(key=lambda i: (draft.findings[i].proof.rank, draft.findings[i].severity.rank))
        for number in wanted[:MAX_FIXES]:
            finding = draft.findings[number]
            try:
                draft.findings[number] = replace(finding, suggestion=self._best(finding, draft.findings))
            except DeadlineError:
                draft.skip([Skipped(f"a fix for {finding.rule_id}", "deadline", harmless=True)])
        draft.skip(
            Skipped(f"a fix for {draft.findings[i].rule_id}", f"only {MAX_FIXES} are tried", harmless=True)
            for i in wanted[MAX_FIXES:]
        )

    def _fixable(self, finding: Finding) -> bool:
        proved = finding.proof is not Proof.MODEL and finding.category in FIXABLE
        grave = finding.severity is not Severity.NOTE or finding.category is Category.PERFORMANCE
        return proved and grave and finding.suggestion is None and self._unit(finding) is not None

    def _unit(self, finding: Finding) -> Unit | None:
        path, line = finding.location.path, finding.location.start_line
        functions = (u for u in self.units if u.kind in FUNCTIONS and u.name == finding.unit and fits(u))
        return next((u for u in functions if u.holds(path, line)), None)

    def _best(self, finding: Finding, findings: Sequence[Finding]) -> Suggestion | None:
        """The first good proposal, or the best of all; a refuted one is only counted."""
        best: Suggestion | None = None
        tried = 0
        for candidate, head in self._candidates(finding):
            tried += 1
            judgement = self._judge(finding, findings, candidate, head)
            suggestion = _suggestion(candidate, head, judgement)
            if best is None or ORDER.index(suggestion.verdict) < ORDER.index(best.verdict):
                best = suggestion
            if best.verdict in GOOD or (best.verdict is Verdict.NOT_RUN and finding.reproducer is None):
                break
        return _presentable(best, finding, tried)

    def _candidates(self, finding: Finding) -> Iterator[tuple[Candidate, str]]:
        """Different whole texts of the file, with the head's text."""
        unit, file = self._unit(finding), self.change.file(finding.location.path)
        if unit is None or unit.head is None or file is None:
            return
        head = self.repo.read(file.head_blob).decode("utf-8", "surrogateescape")
        seen = {ast.dump(ast.parse(head))} if parses(head) else set[str]()
        for code in proposals(self.session, finding, unit, self.samples, guidance(finding)):
            text = put_unit(head, unit.head, unit.name, code)
            if text is not None and parses(text) and (shape := ast.dump(ast.parse(text))) not in seen:
                seen.add(shape)
                yield Candidate(file.path, text, "rewritten by the model"), head

    def _judge(self, finding: Finding, findings: Sequence[Finding], candidate: Candidate, head: str) -> Judgement:
        self.scratch.mkdir(exist_ok=True)
        place = Path(tempfile.mkdtemp(dir=self.scratch))
        if objection := by_tools(self.repo, self.change, self.configs, findings, finding, candidate, place):
            return refused(objection)
        if self.workshop is None:
            return Judgement(Verdict.NOT_RUN, "no tests were run")
        failure = self.workshop.failures.get(finding.reproducer.command) if finding.reproducer else None
        lines = [n for hunk in hunks_between(head, candidate.text) for n in touching(hunk)]
        return by_tests(self.workshop, candidate, failure.node_ids if failure else (), lines)


def _suggestion(candidate: Candidate, head: str, judgement: Judgement) -> Suggestion:
    patch = unified(candidate.path, head, candidate.text)
    return Suggestion(
        patch, candidate.description, judgement.verdict, judgement.reason, judgement.before, judgement.after
    )


def _presentable(best: Suggestion | None, finding: Finding, tried: int) -> Suggestion | None:
    """A patch that was refuted is not shown, nor a faster version that nothing has executed."""
    if best is None or best.verdict in GOOD:
        return best
    proposals_ = f"{tried} proposals were" if tried > 1 else "1 proposal was"
    if best.verdict is Verdict.REFUTED:
        return replace(best, patch="", reason=f"{proposals_} tried: {best.reason}")
    return None if finding.category is Category.PERFORMANCE else best
