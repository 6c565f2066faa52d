"""The values of a finding: a claim at a place, with its proof, its reproducer and its suggested fix."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum


class Category(StrEnum):
    """What a finding is about."""

    BUG = "bug"
    SECURITY = "security"
    PERFORMANCE = "performance"
    STYLE = "style"
    TEST = "test"


class Severity(StrEnum):
    """How bad it is: `error` breaks or exposes something, `warning` may, `note` is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Proof(StrEnum):
    """What stands behind a finding, strongest first."""

    REPRODUCED = "reproduced"
    TOOL = "tool"
    MODEL = "model"

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return list(Proof).index(self)


class Side(StrEnum):
    """The version that a location is in."""

    BASE = "base"
    HEAD = "head"


class Verdict(StrEnum):
    """What execution said of a suggestion; `design.md` words: tests pass, never "correct"."""

    VERIFIED = "verified"
    PASSES = "passes"
    REFUTED = "refuted"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class Location:
    """Lines `start_line` to `end_line` (1-based, inclusive) of `path` (POSIX, relative to the repository's top)."""

    path: str
    start_line: int
    end_line: int
    side: Side = Side.HEAD


@dataclass(frozen=True, slots=True)
class Counts:
    """Outcomes of one run of tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Reproducer:
    """How to see the defect: `code` is a test's source or "", `command` runs it in the repository's top.

    `base` is pass, fail or absent; `head` is fail, error or timeout; `output` is the failure's text, clipped.
    """

    code: str
    command: str
    base: str
    head: str
    output: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A fix as a unified diff against the head, with what execution said of it."""

    patch: str
    description: str
    verdict: Verdict
    reason: str = ""
    before: Counts | None = None
    after: Counts | None = None
    speedup: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim at a place.

    `rule_id` is "<category>/<slug>" or "<tool>/<code>"; `quote` is the source line it sits on; `sources` are all who
    reported it, the deciding one first; `unit` is the qualified name of the unit round it, or "";
    `confidence` is 0 to 1: about the share of such findings that point at a defect, where as many changes bring one in
    as take one out (`bench/reliability.py`); `blocking` is set by policy alone (see `reviewer.review.decide`).
    """

    rule_id: str
    category: Category
    severity: Severity
    proof: Proof
    location: Location
    quote: str
    message: str
    sources: tuple[str, ...]
    unit: str = ""
    confidence: float = 1.0
    blocking: bool = False
    reproducer: Reproducer | None = None
    suggestion: Suggestion | None = None
    explanation: str = field(default="", compare=False)

    @property
    def fingerprint(self) -> str:
        """16 hex digits that survive moved lines: of path, unit, rule and the quote without its white space."""
        parts = (self.location.path, self.unit, self.rule_id, "".join(self.quote.split()))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
