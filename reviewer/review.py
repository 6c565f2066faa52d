"""The value of a whole review: findings, explanations, what was executed, what was not done, and the receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum

from .errors import ExitCode
from .finding import Counts, Finding, Proof, Severity


class FailOn(StrEnum):
    """The weakest proof that may block."""

    REPRODUCED = "reproduced"
    TOOL = "tool"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not done. `harmless`: the review is complete without it (a generated file, no tests)."""

    what: str
    reason: str
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the change of a unit, or of a folder (`name` empty), does: in prose, and as its syntax trees tell.

    `facts` are clauses that were compared, not guessed; either may be empty.
    """

    path: str
    name: str
    text: str
    facts: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """All of it in one line, the facts first."""
        known = "; ".join(self.facts)
        return f"{known}. The model says: {self.text}" if known and self.text else known or self.text


@dataclass(frozen=True, slots=True)
class Edit:
    """`count` lines of the head from `start` (1-based) stand where the base had the lines `gone`.

    Where `count` is 0, `start` is the line after which they stood.
    """

    start: int
    count: int
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of the change as it is shown: the head's lines and its edits; `omitted` says why there are none.

    `status` is git's letter; paths are as in the change.
    """

    path: str
    base_path: str
    status: str
    lines: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    omitted: str = ""


@dataclass(frozen=True, slots=True)
class CommandRun:
    """One process that was run: its words, exit code (negative: the signal; None: killed at its limit) and seconds."""

    argv: tuple[str, ...]
    exit_code: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class TestReport:
    """The tests of the change: node ids selected, counts on each side; None where that side was not run."""

    __test__ = False
    selected: tuple[str, ...] = ()
    base: Counts | None = None
    head: Counts | None = None
    canary: str = "not_run"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The model that answered: `sha256` is "" where it cannot be known; `remote` says that code left the machine."""

    provider: str
    name: str
    sha256: str = ""
    remote: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens: `prompt` in all, of which `cached` were not computed again, and `completion`.

    `requests` were made of the model; `hits` of them cost nothing, as the answer was kept from before. `cost` is in the
    currency of the prices that were set.
    """

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    requests: int = 0
    hits: int = 0
    cost: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        """The sum, field by field."""
        return Usage(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done: files and units reviewed, commands, model, tokens, rejected model claims, isolation, seconds.

    `made` is when, for a review that was made before and is shown again (in UTC, by ISO 8601); "" otherwise.
    """

    files: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    commands: tuple[CommandRun, ...] = ()
    interpreter: str = ""
    model: ModelInfo | None = None
    usage: Usage = field(default_factory=Usage)
    rejected: Mapping[str, int] = field(default_factory=dict)
    isolation: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    made: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """All that is known about one change. `base` and `head` are tree ids."""

    base: str
    head: str
    summary: str = ""
    explanations: tuple[Explanation, ...] = ()
    findings: tuple[Finding, ...] = ()
    tests: TestReport = field(default_factory=TestReport)
    skipped: tuple[Skipped, ...] = ()
    receipt: Receipt = field(default_factory=Receipt)
    interrupted: bool = False
    on_incomplete: str = "report"

    @property
    def complete(self) -> bool:
        """True when nothing that a reviewer would want was left out."""
        return not self.interrupted and all(s.harmless for s in self.skipped)

    @property
    def exit_code(self) -> ExitCode:
        """Interrupted before blocked before incomplete before clean."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if any(f.blocking for f in self.findings):
            return ExitCode.BLOCKED
        if not self.complete and self.on_incomplete == "fail":
            return ExitCode.INCOMPLETE
        return ExitCode.OK


def decide(findings: Iterable[Finding], fail_on: FailOn) -> tuple[Finding, ...]:
    """Set `blocking` by policy and order the findings: blocking, severity, proof, place.

    A reproduced finding blocks unless `never`; a tool's finding blocks at error level when `fail_on` is `tool`;
    a model's opinion never does.
    """
    decided = (replace(f, blocking=_blocks(f, fail_on)) for f in findings)
    return tuple(sorted(decided, key=_order))


def _blocks(finding: Finding, fail_on: FailOn) -> bool:
    if fail_on is FailOn.NEVER or finding.proof is Proof.MODEL or finding.severity is not Severity.ERROR:
        return False
    return finding.proof is Proof.REPRODUCED or fail_on is FailOn.TOOL


def _order(finding: Finding) -> tuple[bool, int, int, str, int]:
    place = finding.location
    return (not finding.blocking, finding.severity.rank, finding.proof.rank, place.path, place.start_line)
