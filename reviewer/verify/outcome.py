"""What a run of pytest says: outcomes of tests, tracebacks, and how far the whole can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..finding import Counts
from ..review import CommandRun

PASSED = frozenset({"passed", "xpassed"})
RED = frozenset({"failed", "error", "timeout", "crashed"})

Lines = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a traceback: `path` is relative to the snapshot, or absolute for code elsewhere."""

    path: str
    line: int

    @property
    def inside(self) -> bool:
        """In the code under review."""
        return not Path(self.path).is_absolute() and not self.path.startswith("<")


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What became of one test, or of a file that could not be collected (`phase` "collect", `node_id` its path).

    `outcome`: passed, xpassed, failed, error, skipped, xfailed, timeout (was running at the limit) or crashed (was
    running when the process died). `frames` go from the outermost call to where it was raised. `lines` are those of
    the traced lines that ran in it, `hits` the numbers of the traps (see `canary`). `values` are the local names of the
    test where it failed, as `repr` shows them.
    """

    __test__ = False
    node_id: str
    outcome: str
    phase: str = ""
    seconds: float = 0.0
    exception: str = ""
    message: str = ""
    text: str = ""
    frames: tuple[Frame, ...] = ()
    lines: Lines = field(default_factory=dict)
    hits: tuple[int, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def red(self) -> bool:
        """Failed in one of the ways that a test can."""
        return self.outcome in RED


@dataclass(frozen=True, slots=True)
class TestRun:
    """One run of pytest. Without `trusted` no green of it may be believed; `reason` says why.

    `collected` are the node ids that were to run; `outcomes` those that did; `import_lines` the traced lines that ran
    outside any test; `hits` the traps that ran at all. `command` is what a person would type for the same run; None
    when there was nothing to run.
    `cut_short`: not trusted for the one reason that pytest did not reach its end; what is red in it is real.
    """

    __test__ = False
    outcomes: Mapping[str, TestOutcome] = field(default_factory=dict)
    collection_errors: tuple[TestOutcome, ...] = ()
    collected: tuple[str, ...] = ()
    exit_code: int | None = 5
    timed_out: bool = False
    trusted: bool = True
    reason: str = ""
    command: CommandRun | None = None
    import_lines: Lines = field(default_factory=dict)
    cut_short: bool = False
    hits: frozenset[int] = frozenset()

    @property
    def counts(self) -> Counts:
        """Outcomes for the report; a file that could not be collected counts as one failure."""
        all_ = [o.outcome for o in self.outcomes.values()]
        failed = sum(o in RED for o in all_) + len(self.collection_errors)
        return Counts(sum(o in PASSED for o in all_), failed, sum(o in {"skipped", "xfailed"} for o in all_))

    @property
    def usable(self) -> bool:
        """What is red in it is real; only a trusted run says anything of what is green."""
        return self.trusted or self.cut_short

    @property
    def red(self) -> tuple[TestOutcome, ...]:
        """Everything that failed."""
        return (*self.collection_errors, *(o for o in self.outcomes.values() if o.red))

    @property
    def not_run(self) -> tuple[str, ...]:
        """Tests that were collected and never began."""
        return tuple(n for n in self.collected if n not in self.outcomes)
