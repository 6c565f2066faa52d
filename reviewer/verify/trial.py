"""Proposals for one unit, each judged: the cheapest check first, the tests last."""

from __future__ import annotations

import ast
import tempfile
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..change.change import Change, Unit
from ..change.git import Repository
from ..finding import Finding, Suggestion, Verdict
from ..tasks.fix import Defect, proposals
from ..tasks.prompt import block
from ..tasks.session import Session
from .failing import Failing, failing
from .guidance import guidance
from .judge import Judgement, by_tests, by_tools, parses, refused
from .lawful import literals_of, new_module, special_case
from .patch import Candidate, hunks_between, touching, unified
from .rewrite import put_unit
from .touched import Workshop

EXAMPLES = 3
OUTPUT = 1200


@dataclass(frozen=True, slots=True)
class Means:
    """What fixes for one change are tried with. `own` are the names of the repository's own modules."""

    repo: Repository
    change: Change
    configs: Mapping[str, str]
    workshop: Workshop | None
    session: Session
    samples: int
    scratch: Path
    own: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trial:
    """Proposals for one unit: `head` is its file's text, `tests` are to turn green.

    `failures` has what each proposal that was judged still fails with, by its code; None where that is not known.
    """

    by: Means
    finding: Finding
    findings: Sequence[Finding]
    unit: Unit
    head: str
    tests: Sequence[str]
    failures: dict[str, Failing | None] = field(default_factory=dict)

    def suggestions(self) -> Iterator[Suggestion]:
        """Different proposals, judged; equal ones once."""
        if self.unit.head is None:
            return
        red = self._red()
        seen = {ast.dump(ast.parse(self.head))} if parses(self.head) else set[str]()
        for proposal in proposals(self.by.session, self.unit, self._defect(red), self.by.samples, self._retort):
            text = put_unit(self.head, self.unit.head, self.unit.name, proposal.code)
            if text is None or not parses(text) or (shape := ast.dump(ast.parse(text))) in seen:
                continue
            seen.add(shape)
            candidate = Candidate(self.unit.path, text, proposal.way.value)
            judgement = self._judge(candidate, proposal.code, red)
            self.failures[proposal.code] = self._failing(judgement)
            yield _suggestion(candidate, self.head, judgement)

    def _red(self) -> tuple[Failing, ...]:
        """The failing tests in few words, the shortest first: it is the simplest."""
        if self.by.workshop is None:
            return ()
        outcomes = self.by.workshop.comparison.head.outcomes
        told = (failing(outcomes[n], self.by.workshop.head) for n in self.tests if n in outcomes)
        return tuple(sorted(filter(None, told), key=lambda one: len(one.code)))

    def _defect(self, red: Sequence[Failing]) -> Defect:
        examples = tuple(one.code for one in red if one.alone)[:EXAMPLES]
        return Defect(_problem(self.finding, red), examples, bool(self.tests))

    def _retort(self, code: str) -> str:
        found = self.failures.get(code)
        return f"{_failing_test(found)}Correct the function so that it passes.\n" if found else ""

    def _failing(self, judgement: Judgement) -> Failing | None:
        if self.by.workshop is None or judgement.red is None:
            return None
        return failing(judgement.red, self.by.workshop.head)

    def _judge(self, candidate: Candidate, code: str, red: Sequence[Failing]) -> Judgement:
        """The cheapest check first."""
        if objection := self._objection(candidate, code, red):
            return refused(objection)
        by = self.by
        by.scratch.mkdir(exist_ok=True)
        place = Path(tempfile.mkdtemp(dir=by.scratch))
        if objection := by_tools(by.repo, by.change, by.configs, self.findings, self.finding, candidate, place):
            return refused(objection)
        if by.workshop is None:
            return Judgement(Verdict.NOT_RUN, "no tests were run")
        lines = [n for hunk in hunks_between(self.head, candidate.text) for n in touching(hunk)]
        return by_tests(by.workshop, candidate, self.tests, lines)

    def _objection(self, candidate: Candidate, code: str, red: Sequence[Failing]) -> str:
        """Why a candidate is out whatever its tests say, or ""."""
        if name := new_module(self.head, candidate.text, self.by.own):
            return f"it needs the module {name}, which this file did not need"
        literals = frozenset(dump for one in red for dump in literals_of([one.code], one.values))
        texts = [textwrap.dedent(span.text) for span in (self.unit.base, self.unit.head) if span]
        found = special_case([t for t in texts if parses(t)], textwrap.dedent(code), literals)
        return f"it answers the failing test by its values: `{found}`" if found else ""


def _problem(finding: Finding, red: Sequence[Failing]) -> str:
    if finding.reproducer is None:
        return f"Wrong at the line `{finding.quote.strip()}`: {finding.message}\n{guidance(finding)}\n"
    shown = _failing_test(red[0]) if red else f"This test fails:\n{block(finding.reproducer.output[:OUTPUT], '')}"
    return f"{shown}Correct the function so that it passes.\n"


def _failing_test(one: Failing) -> str:
    return f"This test fails:\n{block(one.code)}{one.said}\n"


def _suggestion(candidate: Candidate, head: str, judgement: Judgement) -> Suggestion:
    patch = unified(candidate.path, head, candidate.text)
    return Suggestion(
        patch, candidate.description, judgement.verdict, judgement.reason, judgement.before, judgement.after
    )
