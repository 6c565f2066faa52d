"""A third party: versions that a model writes from signature and docstring alone say which side they are with.

Where nearly all are with the base it is a warning and no longer a note. It never blocks: a docstring leaves much open,
and what is common need not be right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..change.change import Unit
from ..draft import Draft
from ..finding import Finding, Severity
from ..tasks.anew import versions
from ..tasks.session import Session
from ..verify.outcome import PASSED
from ..verify.rewrite import put_unit
from ..verify.runner import run_tests
from .compare import Ground
from .grade import CHANGED

VOTERS, ENOUGH = 3, 2
DISAGREE = "not-as-documented"
RUN_LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class Poll:
    """One vote: on `head`, a folder that may be spoilt, with the session that asks."""

    ground: Ground
    session: Session
    units: Sequence[Unit]

    def hold(self, draft: Draft) -> None:
        """Add the votes to what is said of each difference that nothing grave is known of.

        Raises ModelError when the engine fails.
        """
        for number, finding in enumerate(draft.findings):
            if finding.sources == ("behaviour",) and finding.rule_id == f"bug/{CHANGED.rule}":
                draft.findings[number] = self._voted(finding)

    def _voted(self, finding: Finding) -> Finding:
        unit = next((u for u in self.units if u.holds(finding.location.path, finding.location.start_line)), None)
        if unit is None or unit.head is None or finding.reproducer is None:
            return finding
        votes = list(self._votes(finding, unit))
        if len(votes) < VOTERS:
            return finding
        agreed = sum(votes) >= ENOUGH
        said = f"of {VOTERS} versions that the model wrote from the docstring alone, {sum(votes)} do as before"
        voted = replace(finding, message=f"{finding.message}; {said}")
        return replace(voted, rule_id=f"bug/{DISAGREE}", severity=Severity.WARNING) if agreed else voted

    def _votes(self, finding: Finding, unit: Unit) -> Iterator[bool]:
        """Whether each version passes what passes on the base; one that is no function of that name has no vote."""
        module = self.ground.head / unit.path
        head = module.read_text("utf-8", "surrogateescape")
        for code in versions(self.session, unit.head.text if unit.head else "", VOTERS):
            text = put_unit(head, unit.head, unit.name, code) if unit.head else None
            if text is None and code.strip() in head:
                yield False  # the head itself, to the letter
            elif text is not None:
                module.write_text(text, "utf-8", "surrogateescape")
                try:
                    yield self._passes(finding)
                finally:
                    module.write_text(head, "utf-8", "surrogateescape")

    def _passes(self, finding: Finding) -> bool:
        code = finding.reproducer.code if finding.reproducer else ""
        path = code.partition("\n")[0].removeprefix("# ")
        (self.ground.head / path).write_text(code, "utf-8", "surrogateescape")
        run = run_tests(self.ground.bench, self.ground.head, (path,), timeout=RUN_LIMIT)
        return bool(run.outcomes) and not run.red and all(o.outcome in PASSED for o in run.outcomes.values())
