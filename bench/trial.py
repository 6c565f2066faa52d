"""One run: build the case, let the tool review it, judge its report, grade its fixes."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from casekit import BenchError, Case, Facts, Kit
from casekit.case import CLEAN_MODES
from casekit.snapshot import try_git
from claims import Claim, Report, read_report
from judge import Texts, judge
from record import Fix, Record

from reviewer.errors import ReviewError
from reviewer.process import Done, run

STOOD_BEHIND = ("verified", "passes")


@dataclass(frozen=True, slots=True)
class Bench:
    """What all runs share. `command` runs in the case's top, at most `limit` seconds; raw reports go to `reports`.
    `grading`: suggested fixes are graded."""

    kit: Kit
    command: tuple[str, ...]
    label: str
    reports: Path
    limit: float = 600.0
    grading: bool = True

    def run(self, case: Case, mode: str) -> Record:
        """Run one case; what goes wrong on the way is in the record, which then counts as a miss."""
        blank = Record(
            self.label, case.id, case.suite, case.tier, mode, mode in CLEAN_MODES, self.command, describe_machine()
        )
        try:
            with tempfile.TemporaryDirectory(prefix="case-") as scratch:
                return self._run(blank, case, Path(scratch).resolve() / "case")
        except (ReviewError, OSError, ValueError) as error:
            return replace(blank, error=f"bench: {error}"[:600])

    def _run(self, blank: Record, case: Case, folder: Path) -> Record:
        facts = self.kit.build(case, blank.mode, folder)
        texts = _texts(facts, folder)
        done = run(self.command, cwd=folder, timeout=self.limit)
        self._keep(f"{case.id}.{blank.mode}", done)
        ran = replace(
            blank, gradable=facts.gradable and self.grading, seconds=round(done.seconds, 3), exit_code=done.exit_code
        )
        try:
            report = _report(done, self.limit)
        except BenchError as error:
            return replace(ran, error=str(error))
        judged = replace(
            ran,
            complete=report.complete,
            tool=report.tool,
            model=report.model,
            model_hash=report.model_hash,
            tokens=report.tokens,
            **asdict(judge(report, facts, texts, done.exit_code)),
        )
        if not ran.gradable:
            return judged
        return replace(judged, fixes=self._grade(case, folder, report.claims))

    def _grade(self, case: Case, folder: Path, claims: Iterable[Claim]) -> tuple[Fix, ...]:
        """Grade each patch once, under the stronger of the verdicts that it was given."""
        patches: dict[str, str] = {}
        for claim in sorted(claims, key=lambda claim: claim.verdict != "verified"):
            if claim.patch and claim.verdict in STOOD_BEHIND:
                patches.setdefault(claim.patch, claim.verdict)
        grades = ((verdict, self.kit.grade(case, folder, patch)) for patch, verdict in patches.items())
        return tuple(Fix(verdict, grade.applied, grade.right) for verdict, grade in grades)

    def _keep(self, name: str, done: Done) -> None:
        """Keep what the tool printed beside the records."""
        self.reports.mkdir(parents=True, exist_ok=True)
        (self.reports / f"{name}.json").write_bytes(done.stdout)
        (self.reports / f"{name}.err").write_bytes(done.stderr)


def _report(done: Done, limit: float) -> Report:
    if done.exit_code is None:
        raise BenchError(f"no report within {limit:g} seconds")
    try:
        return read_report(done.stdout)
    except BenchError as error:
        tail = done.stderr.decode(errors="replace").strip()[-300:]
        raise BenchError(f"exit code {done.exit_code}: {error} {tail}".strip()) from error


def _texts(facts: Facts, folder: Path) -> Texts:
    """Both sides of the files that hold the defect, read before the tool can touch them."""
    texts: dict[tuple[str, str], str] = {}
    for target in facts.expected:
        base = try_git("show", f"HEAD:{target.path}", cwd=folder)
        if base.exit_code == 0:
            texts["base", target.path] = base.stdout.decode(errors="replace")
        head = folder / target.path
        if head.is_file():
            texts["head", target.path] = head.read_text("utf-8", "replace")
    return texts


def describe_machine() -> str:
    """The processor's name and the cores that this process may use."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text("utf-8", "replace").splitlines() if cpuinfo.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{names[0] if names else platform.processor() or platform.machine()}, {cores} cores"
