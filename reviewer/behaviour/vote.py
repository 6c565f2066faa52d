"""A third party: versions that a model writes from signature and docstring alone say which side they are with.

Where nearly all are with the base it is a warning and no longer a note. Where nearly all are with the head, and none
with the base, the change does what the docstring asks for: that is counted and not shown. Neither ever blocks: a
docstring leaves much open, and what is common need not be right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..change.change import Span, Unit
from ..draft import Draft
from ..finding import Finding, Severity
from ..review import Skipped
from ..tasks.anew import versions
from ..tasks.session import Session
from ..verify.outcome import PASSED
from ..verify.rewrite import put_unit
from ..verify.runner import run_tests
from .compare import Ground, Proved
from .difference import Kind
from .grade import CHANGED
from .reproducer import code_for, path_for
from .stage import Compared, differences

VOTERS, ENOUGH = 3, 2
CONFIDENCE = (0.1, 0.3, 0.9, 0.9)  # by the votes for the base; without a vote for either side nothing more is known
DISAGREE = "not-as-documented"
AS_DOCUMENTED = (
    "most versions that the model wrote from the docstring alone do as it does now (tested-changes shows it)"
)
RUN_LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class Vote:
    """Whether one version does as the base, and whether it does as the head."""

    before: bool
    now: bool


@dataclass(frozen=True, slots=True)
class Poll:
    """One vote, where behaviour was compared, with the session that asks.

    `wanted_too`: what the docstring asks for is shown as well.
    """

    compared: Compared
    session: Session
    units: Sequence[Unit]
    wanted_too: bool = False

    def hold(self, draft: Draft) -> None:
        """Add the votes to what is said of each difference that nothing grave is known of.

        Raises ModelError when the engine fails; what was voted on until then counts.
        """
        wanted: set[int] = set()
        try:
            for number, finding in enumerate(draft.findings):
                if finding.sources != ("behaviour",) or finding.rule_id != f"bug/{CHANGED.rule}":
                    continue
                votes = self._votes_on(finding)
                if len(votes) == VOTERS:
                    draft.findings[number] = _counted(finding, votes)
                    wanted |= {number} if _asked_for(votes) and not self.wanted_too else set()
        finally:
            draft.findings = [f for n, f in enumerate(draft.findings) if n not in wanted]
            draft.skip([Skipped(differences(len(wanted)), AS_DOCUMENTED, harmless=True)] if wanted else [])

    def _votes_on(self, finding: Finding) -> list[Vote]:
        unit = next((u for u in self.units if u.holds(finding.location.path, finding.location.start_line)), None)
        proved = next(
            (p for p in self.compared.proved if finding.reproducer and p.shown == finding.reproducer.code), None
        )
        ground = self.compared.ground
        if unit is None or unit.head is None or proved is None or ground is None:
            return []
        return list(self._votes(ground, unit, unit.head, proved))

    def _votes(self, ground: Ground, unit: Unit, head: Span, proved: Proved) -> Iterator[Vote]:
        """Of each version; one that is no function of that name has no vote."""
        module = ground.head / unit.path
        text = module.read_text("utf-8", "surrogateescape")
        for code in versions(self.session, head.text, VOTERS):
            with_it = put_unit(text, head, unit.name, code)
            if with_it is None and code.strip() in text:
                yield Vote(before=False, now=True)  # the head itself, to the letter
            elif with_it is not None:
                module.write_text(with_it, "utf-8", "surrogateescape")
                try:
                    yield _vote(ground, proved)
                finally:
                    module.write_text(text, "utf-8", "surrogateescape")


def _vote(ground: Ground, proved: Proved) -> Vote:
    """What the version that is in the head's place does: the base's test, and one that wants what the head gives."""
    difference, seed = proved.difference, proved.difference.variant.seed
    other = difference.other
    now = code_for(seed.module, seed.outer, difference.variant.plain, other, Kind.VALUE) if other else ""
    tests = {path_for(proved.path, 0): proved.code, **({path_for(proved.path, 1): now} if now else {})}
    for path, code in tests.items():
        (ground.head / path).write_text(code, "utf-8", "surrogateescape")
    run = run_tests(ground.bench, ground.head, tuple(tests), timeout=RUN_LIMIT)
    passed = [
        {o.outcome in PASSED for n, o in run.outcomes.items() if n.partition("::")[0] == p} == {True} for p in tests
    ]
    return Vote(passed[0], passed[1] if now else False)


def _asked_for(votes: Sequence[Vote]) -> bool:
    return sum(v.now for v in votes) >= ENOUGH and not any(v.before for v in votes)


def _counted(finding: Finding, votes: Sequence[Vote]) -> Finding:
    """The finding with the votes."""
    before, now = sum(v.before for v in votes), sum(v.now for v in votes)
    said = f"of {VOTERS} versions that the model wrote from the docstring alone, {before} do as before, {now} as now"
    confidence = CONFIDENCE[before] if before or now else finding.confidence
    voted = replace(finding, message=f"{finding.message}; {said}", confidence=confidence)
    return replace(voted, rule_id=f"bug/{DISAGREE}", severity=Severity.WARNING) if before >= ENOUGH else voted
