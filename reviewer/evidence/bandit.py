"""Bandit as a source of evidence: weaknesses that the head has and the base had not.

It is told to ignore `nosec`, and finds no configuration: the folders hold Python files alone, the working directory is
their parent, and `-P -E` keep modules of the reviewed tree and of PYTHONPATH from being imported in its place.

| severity | bandit says |
| --- | --- |
| error | severity high with confidence high or medium, but for `OFTEN_HARMLESS` |
| warning | high otherwise, medium with confidence high or medium |
| note | the rest |
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..change.change import Change, Unit
from ..finding import Category, Severity
from ..process import environment
from ..review import Skipped
from .base import Evidence, Sides
from .remarks import Remark, SourceLines, brought_in, finding
from .testfiles import DEFAULT_PATTERNS, serves_tests
from .tool import Output, commands, on_both, run_json

# B413 takes pycryptodome, which is maintained, for pyCrypto, whose name it has.
IGNORED = frozenset({"B101", "B413", "B603", "B606", "B607"} | {f"B{n}" for n in (403, 404, 405, 406, 407, 408, 409)})
OFTEN_HARMLESS = frozenset({"B324", "B401", "B402", "B411", "B412", "B415", "B312", "B321"})
QUOTES_SECRETS = frozenset({"B105", "B106", "B107"})  # their messages end with the password itself
CONFIDENCE = {"HIGH": 0.9, "MEDIUM": 0.6, "LOW": 0.3}
EXCLUDE_NOTHING = "\n"  # without it, bandit leaves out every path that contains ".git", "CVS" and the like


class Bandit:
    """The collector. Test files are not looked at."""

    name = "bandit"

    def __init__(self, patterns: Sequence[str] = DEFAULT_PATTERNS, timeout: float = 60.0) -> None:
        """Keep the project's patterns for test modules and the limit for one run in seconds."""
        self._patterns, self._timeout = patterns, timeout

    def collect(self, change: Change, sides: Sides, units: tuple[Unit, ...]) -> Evidence:
        """Look at the change."""
        base, head = on_both(sides, self._run)
        found = self._judge(change, sides, units, base, head)
        return Evidence(found.findings, found.skipped, commands(base, head))

    def _run(self, folder: Path) -> Output:
        command = (sys.executable, "-P", "-E", "-m", "bandit", "--recursive", "--format", "json", "--ignore-nosec")
        argv = (*command, "--quiet", "--exit-zero", "--exclude", EXCLUDE_NOTHING, str(folder))
        if not any(folder.rglob("*.py")):
            return Output(data={"results": [], "errors": []})
        return run_json(argv, cwd=folder.parent, env=environment(), timeout=self._timeout)

    def _judge(self, change: Change, sides: Sides, units: tuple[Unit, ...], base: Output, head: Output) -> Evidence:
        if problem := base.problem or head.problem:
            return Evidence(skipped=(Skipped(self.name, problem),))
        try:
            before, after = _parse(base.data, sides.base), _parse(head.data, sides.head)
            unread = {_relative(e["filename"], sides.head): str(e["reason"]) for e in head.data["errors"]}
        except (KeyError, TypeError, ValueError) as error:
            return Evidence(skipped=(Skipped(self.name, f"its output was not understood ({error!r})"),))
        fresh = [r for r in brought_in(change, before, after) if r.rule not in IGNORED and self._is_product(r.path)]
        findings = (finding(r, self.name, Category.SECURITY, Severity(r.level), units) for r in fresh)
        skipped = (Skipped(f"bandit: {p}", reason) for p, reason in unread.items() if self._is_product(p))
        return Evidence(tuple(findings), tuple(skipped))

    def _is_product(self, path: str) -> bool:
        return not serves_tests(path, self._patterns)


def _parse(data: Any, folder: Path) -> list[Remark]:
    lines = SourceLines(folder)
    return [_remark(entry, folder, lines) for entry in data["results"]]


def _remark(entry: dict[str, Any], folder: Path, lines: SourceLines) -> Remark:
    path, start = _relative(entry["filename"], folder), int(entry["line_number"])
    cwe = entry.get("issue_cwe", {}).get("id")
    text = entry["issue_text"].strip().rstrip(".")
    if entry["test_id"] in QUOTES_SECRETS:
        text = text.partition(":")[0]
    return Remark(
        path=path,
        rule=entry["test_id"],
        start_line=start,
        end_line=max((start, *entry["line_range"])),
        text=lines.line(path, start),
        message=f"{text} (CWE-{cwe})" if cwe else text,
        level=_severity(entry["test_id"], entry["issue_severity"], entry["issue_confidence"]).value,
        confidence=CONFIDENCE.get(entry["issue_confidence"], 0.5),
    )


def _severity(rule: str, severity: str, confidence: str) -> Severity:
    sure = confidence in {"HIGH", "MEDIUM"}
    if severity == "HIGH":
        return Severity.ERROR if sure and rule not in OFTEN_HARMLESS else Severity.WARNING
    return Severity.WARNING if severity == "MEDIUM" and sure else Severity.NOTE


def _relative(filename: str, folder: Path) -> str:
    return Path(filename).relative_to(folder).as_posix()
