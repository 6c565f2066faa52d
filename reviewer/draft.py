"""The review while it is being made: what every stage adds to, so that an interrupt loses nothing that was found."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from .finding import Finding
from .levels import OFF, level_of, levelled
from .mask import masked, masked_findings
from .review import (
    CommandRun,
    Explanation,
    FailOn,
    ModelInfo,
    Receipt,
    Review,
    Skipped,
    TestReport,
    Usage,
    decide,
)


class Draft:
    """Collects the parts of one review; `review` gives them as a value. `deadline` is a monotonic time or None."""

    def __init__(self, base: str, head: str, title: str = "", deadline: float | None = None) -> None:
        """Begin a review of two tree ids."""
        self.base, self.head, self.title, self.deadline = base, head, title, deadline
        self.findings: list[Finding] = []
        self.secrets: tuple[str, ...] = ()
        self.dismissed: Mapping[str, str] = {}
        self.levels: tuple[str, ...] = ()
        self.explanations: list[Explanation] = []
        self.summary = ""
        self.tests = TestReport()
        self.files: tuple[str, ...] = ()
        self.units: list[str] = []
        self.interpreter = ""
        self.isolation: Mapping[str, str] = {}
        self.model: ModelInfo | None = None
        self.usage = Usage()
        self.rejected: Counter[str] = Counter()
        self._skipped: dict[Skipped, None] = {}
        self._commands: list[CommandRun] = []
        self._stages: dict[str, float] = {}
        self._start = time.monotonic()
        self.finished: set[str] = set()

    def skip(self, skipped: Iterable[Skipped]) -> None:
        """Note what was not done, each thing once."""
        self._skipped.update(dict.fromkeys(skipped))

    @property
    def notes(self) -> tuple[Skipped, ...]:
        """What was not done, so far."""
        return tuple(self._skipped)

    def ran(self, commands: Iterable[CommandRun]) -> None:
        """Note processes that were run."""
        self._commands.extend(commands)

    def wants(self, finding: Finding) -> bool:
        """Whether the settings and no dismissal keep a finding: on others no model's time is spent."""
        return finding.fingerprint not in self.dismissed and level_of(finding, self.levels) != OFF

    @property
    def late(self) -> bool:
        """Whether the deadline has come."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    @property
    def left(self) -> float:
        """Seconds to the deadline; a very long time without one."""
        return 1e9 if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        start = time.monotonic()
        try:
            yield
            self.finished.add(name)
        finally:
            self._stages[name] = self._stages.get(name, 0.0) + time.monotonic() - start

    def review(self, fail_on: FailOn, on_incomplete: str, interrupted: bool = False) -> Review:
        """The review as far as it has come."""
        receipt = Receipt(
            files=self.files,
            units=tuple(self.units),
            commands=tuple(self._commands),
            interpreter=self.interpreter,
            model=self.model,
            usage=self.usage,
            rejected=dict(self.rejected),
            isolation=dict(self.isolation),
            stages={name: round(seconds, 3) for name, seconds in self._stages.items()},
            seconds=round(time.monotonic() - self._start, 3),
        )
        findings, dismissed = self._without_dismissed()
        findings, off = levelled(findings, self.levels)
        return Review(
            self.base,
            self.head,
            masked(self.summary, self.secrets),
            tuple(replace(e, text=masked(e.text, self.secrets)) for e in self.explanations),
            decide(findings, fail_on),
            self.tests,
            (*self._skipped, *dismissed, *off),
            receipt,
            interrupted,
            on_incomplete,
        )

    def _without_dismissed(self) -> tuple[list[Finding], list[Skipped]]:
        """The findings that are shown, and those that a person has dismissed, each with the reason."""
        shown: list[Finding] = []
        dismissed: dict[Skipped, None] = {}
        for finding in masked_findings(self.findings, self.secrets):
            why = self.dismissed.get(finding.fingerprint)
            if why is None:
                shown.append(finding)
            else:
                what = f"dismissed finding {finding.fingerprint} ({finding.rule_id} in {finding.location.path})"
                dismissed[Skipped(what, why, harmless=True)] = None
        return shown, list(dismissed)
