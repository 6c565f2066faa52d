"""Bandit as a source of evidence: weaknesses that the head has and the base had not.

It is told to ignore `nosec`, and finds no configuration: the folders hold Python files alone. The base is looked at
where it can matter: bandit needs about as long as everything else together.

| severity | bandit says |
| --- | --- |
| error | severity high with confidence high or medium, but for `OFTEN_HARMLESS` |
| warning | high otherwise, medium with confidence high or medium |
| note | the rest |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..change.change import Change
from ..finding import Category, Severity
from ..review import Skipped
from .ahead import bandit as run_bandit
from .base import Evidence, Sides, Units
from .remarks import Remark, SourceLines, brought_in, finding, split_lines, touches
from .testfiles import DEFAULT_PATTERNS, serves_tests
from .tool import Output, commands, parsed

# B413 takes pycryptodome, which is maintained, for pyCrypto, whose name it has.
IGNORED = frozenset({"B101", "B413", "B603", "B606", "B607"} | {f"B{n}" for n in (403, 404, 405, 406, 407, 408, 409)})
OFTEN_HARMLESS = frozenset({"B324", "B401", "B402", "B411", "B412", "B415", "B312", "B321"})
QUOTES_SECRETS = frozenset({"B105", "B106", "B107"})  # their messages end with the password itself
CONFIDENCE = {"HIGH": 0.9, "MEDIUM": 0.6, "LOW": 0.3}
FEW = 40  # files
EXCLUDE_NOTHING = "\n"  # without it, bandit leaves out every path that contains ".git", "CVS" and the like


class Bandit:
    """The collector. Test files are not looked at."""

    name = "bandit"

    def __init__(self, patterns: Sequence[str] = DEFAULT_PATTERNS, timeout: float = 60.0) -> None:
        """Keep the project's patterns for test modules and the limit for one run in seconds."""
        self._patterns, self._timeout = patterns, timeout

    def collect(self, change: Change, sides: Sides, units: Units) -> Evidence:
        """Look at the change."""
        if next(sides.head.rglob("*.py"), None) is None:
            return Evidence()
        heads = [f for f in change.files if f.is_python and f.head_blob]
        # The same process looks at the base where that costs little: to start another costs more.
        first = self._run([sides.head], *([[sides.base]] if len(heads) <= FEW else []))
        if first.problem:
            return Evidence(skipped=(Skipped(self.name, first.problem),), commands=commands(first))
        try:
            after = [r for r in _parse(first.data, sides.head) if r.rule not in IGNORED and self._is_product(r.path)]
            second = first if len(heads) <= FEW else self._base(change, sides, after)
            if second.problem:
                return Evidence(skipped=(Skipped(self.name, second.problem),), commands=commands(first, second))
            fresh = brought_in(change, _parse(second.data, sides.base), after)
            unread = _unread(first.data, sides.head)
        except (KeyError, TypeError, ValueError) as error:
            return Evidence(skipped=(Skipped(self.name, f"its output was not understood ({error!r})"),))
        findings = (finding(r, self.name, Category.SECURITY, Severity(r.level), units()) for r in fresh)
        skipped = (Skipped(f"bandit: {p}", reason) for p, reason in unread.items() if self._is_product(p))
        used = commands(first) if second is first else commands(first, second)
        return Evidence(tuple(findings), tuple(skipped), used)

    def _base(self, change: Change, sides: Sides, after: Iterable[Remark]) -> Output:
        """What bandit says of the base's files that have the text of a line to which the change can be to blame."""
        texts = {r.text for r in after if touches(r, change)}
        candidates = (path for path in sorted(sides.base.rglob("*.py")) if path.is_file())
        files = [path for path in candidates if not texts.isdisjoint(_lines(path))]
        return self._run(files) if files else Output(data={"results": [], "errors": []})

    def _run(self, *runs: Sequence[Path]) -> Output:
        """What bandit says of some paths and, where it finds anything there, of the next ones."""
        options = ("--recursive", "--format", "json", "--ignore-nosec", "--quiet", "--exit-zero")
        words = [(*options, "--exclude", EXCLUDE_NOTHING, *map(str, paths)) for paths in runs]
        return parsed(lambda: run_bandit(words, self._timeout), self._timeout)

    def _is_product(self, path: str) -> bool:
        return not serves_tests(path, self._patterns)


def _lines(path: Path) -> Iterator[str]:
    """A file's lines as the texts of remarks; one that has none has the empty text."""
    return (line.strip() for line in ("", *split_lines(path.read_bytes().decode("utf-8", "surrogateescape"))))


# Where bandit names CWE-20, "improper input validation", or another wide one, the weakness that the test is about.
SHARPER = {
    "B506": 502,
    "B701": 79,
    **dict.fromkeys(("B313", "B314", "B315", "B316", "B317", "B318", "B319", "B320"), 611),
    **dict.fromkeys(("B405", "B406", "B407", "B408", "B409", "B410", "B411"), 611),
}


def _parse(data: Any, folder: Path) -> list[Remark]:
    lines = SourceLines(folder)
    return [_remark(e, folder, lines) for e in data["results"] if Path(e["filename"]).is_relative_to(folder)]


def _unread(data: Any, folder: Path) -> dict[str, str]:
    """Why each file of a folder could not be looked at."""
    errors = ((Path(e["filename"]), str(e["reason"])) for e in data["errors"])
    return {path.relative_to(folder).as_posix(): why for path, why in errors if path.is_relative_to(folder)}


def _remark(entry: dict[str, Any], folder: Path, lines: SourceLines) -> Remark:
    path, start = _relative(entry["filename"], folder), int(entry["line_number"])
    cwe = SHARPER.get(entry["test_id"]) or entry.get("issue_cwe", {}).get("id")
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
