"""Runs the project's tests on a snapshot, inside a sandbox, and tells what can be believed of the result."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..finding import Counts
from ..process import Done
from ..review import CommandRun
from ..sandbox.base import Sandbox
from .interpreter import Interpreter

PLUGIN = Path(__file__).with_name("plugin.py")
TEXT_LIMIT = 4096
PASSED = frozenset({"passed", "xpassed"})
RED = frozenset({"failed", "error", "timeout", "crashed"})
# The plugin's option, by the name of its entry point. The project's own options stay, ours come after them.
OPTIONS = {
    "pytest_cov": ("--no-cov",),
    "xdist": ("-n", "0"),
    "randomly": ("--randomly-seed=1", "--randomly-dont-reorganize"),
}

Lines = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where tests are run: the walls, the Python, the repository's top and a folder for throw-away files."""

    sandbox: Sandbox
    interpreter: Interpreter
    root: Path
    scratch: Path


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
    the traced lines that ran in it.
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

    @property
    def red(self) -> bool:
        """Failed in one of the ways that a test can."""
        return self.outcome in RED


@dataclass(frozen=True, slots=True)
class TestRun:
    """One run of pytest. Without `trusted` no green of it may be believed; `reason` says why.

    `collected` are the node ids that were to run; `outcomes` those that did; `import_lines` the traced lines that ran
    outside any test. `command` is what a person would type for the same run; None when there was nothing to run.
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


def run_tests(
    bench: Bench,
    snapshot: Path,
    targets: Sequence[str],
    *,
    timeout: float,
    changed: Collection[str] = (),
    trace: Mapping[str, Collection[int]] | None = None,
) -> TestRun:
    """Run `targets` (POSIX paths or node ids, relative to the top) on a snapshot.

    Targets whose file the snapshot does not have are left out, node ids that do not exist have no outcome. `changed`
    are the paths whose modules must come from the snapshot. `trace` are lines of which to tell the tests that ran them.
    Never raises for what the tests do; raises ToolError when the sandbox cannot be started.
    """
    present = [t for t in dict.fromkeys(targets) if (snapshot / _file(t)).exists()]
    if not present:
        return TestRun()
    with tempfile.TemporaryDirectory(dir=bench.scratch, prefix="run-", ignore_cleanup_errors=True) as folder:
        return _run(bench, snapshot, Path(folder), present, timeout, changed, trace or {})


def _run(
    bench: Bench,
    snapshot: Path,
    scratch: Path,
    targets: Sequence[str],
    timeout: float,
    changed: Collection[str],
    trace: Mapping[str, Collection[int]],
) -> TestRun:
    place = bench.sandbox.place(snapshot)
    nonce, report = secrets.token_hex(16), scratch / "report.jsonl"
    arguments = [*_flags(bench.interpreter, place, scratch), *dict.fromkeys(_file(t) for t in targets)]
    spec = {
        "arguments": arguments,
        "report": str(report),
        "nonce": nonce,
        "place": str(place),
        "root": str(bench.root),
        "prefixes": [str(p) for p in bench.interpreter.prefixes],
        "select": list(targets) if any("::" in t for t in targets) else [],
        "changed": sorted(changed),
        "trace": {path: sorted(lines) for path, lines in trace.items()},
    }
    (scratch / "spec.json").write_text(json.dumps(spec), "utf-8")
    program = shutil.copy(PLUGIN, scratch / "llm_review_plugin.py")
    python = str(bench.interpreter.path)
    done = bench.sandbox.run(
        (python, str(program), str(scratch / "spec.json")),
        snapshot=snapshot,
        scratch=scratch,
        timeout=timeout,
        env=_path(bench.interpreter),
    )
    typed = CommandRun((python, "-m", "pytest", *targets), done.exit_code, round(done.seconds, 3))
    return _Reader(report, nonce).result(done, typed)


def _file(target: str) -> str:
    return target.partition("::")[0]


def _path(interpreter: Interpreter) -> dict[str, str]:
    """Tests that start `python` or an installed script get the project's, as in an activated environment."""
    return {"PATH": os.pathsep.join((str(interpreter.path.parent), os.environ.get("PATH", os.defpath)))}


def _flags(interpreter: Interpreter, place: Path, scratch: Path) -> list[str]:
    """Ours, after the project's `addopts`: every test runs, in order, with nothing written into the tree."""
    flags = ["-q", "--color=no", "--tb=short", "--maxfail=0", "--continue-on-collection-errors"]
    flags += [f"--rootdir={place}", f"--confcutdir={place}", "-o", f"cache_dir={scratch / 'cache'}"]
    return flags + [o for plugin, options in OPTIONS.items() if plugin in interpreter.plugins for o in options]


class _Reader:
    """Turns the report's lines into a TestRun."""

    def __init__(self, report: Path, nonce: str) -> None:
        self.outcomes: dict[str, TestOutcome] = {}
        self.errors: dict[str, TestOutcome] = {}
        self.collected: tuple[str, ...] = ()
        self.import_lines: Lines = {}
        self.running = ""
        self.end: Mapping[str, Any] = {}
        self.rewritten: list[str] = []
        self.leaks: list[str] = []
        self.nonce = nonce
        for line in _read(report):
            self._take(line)

    def _take(self, line: Mapping[str, Any]) -> None:
        self.leaks += line.get("leaks", ())
        match line.get("kind"):
            case "begin":
                self.running = line["nodeid"]
            case "test":
                self.running = ""
                self.outcomes[line["nodeid"]] = _outcome(line, line["outcome"], line["phase"])
                if line["rewritten"]:
                    self.rewritten.append(line["nodeid"])
            case "collect":
                self.errors[line["nodeid"]] = _outcome(line, "error", "collect")
            case "collected":
                self.collected, self.import_lines = tuple(line["nodeids"]), _lines(line)
            case "end":
                self.end = line

    def result(self, done: Done, command: CommandRun) -> TestRun:
        """Judge what was read against how the process ended."""
        ended = self.end.get("nonce") == self.nonce
        timed_out = done.exit_code is None and not ended
        if self.running and not ended:
            word = "timeout" if timed_out else "crashed"
            text = f"the process ended with {done.exit_code}\n{_tail(done)}" if not timed_out else _tail(done)
            self.outcomes[self.running] = TestOutcome(self.running, word, "call", exception=word, text=text)
        if ended and self.end["exit"] in {3, 4} and not self.errors:
            self.errors[""] = TestOutcome("", "error", "start", text=_tail(done))
        reason = self._doubt(done, ended)
        return TestRun(
            self.outcomes,
            tuple(self.errors.values()),
            self.collected,
            done.exit_code,
            timed_out,
            not reason,
            reason,
            command,
            self.import_lines,
            cut_short=not ended and not self.leaks,
        )

    def _doubt(self, done: Done, ended: bool) -> str:
        """Why the run cannot be believed, or ""."""
        where = f"while {self.running} was running" if self.running else "outside any test"
        if self.leaks:
            return f"the tests imported code from elsewhere than the reviewed tree: {self.leaks[0]}"
        if not ended:
            how = "ran into the time limit" if done.exit_code is None else f"ended early with code {done.exit_code}"
            said = "" if self.running else "".join(f": {line}" for line in _tail(done).splitlines()[-1:])
            return f"pytest {how} {where}{said}"
        if self.rewritten:
            return f"a plugin of the project reported {self.rewritten[0]} as passed although it raised"
        return self._disagreement(done.exit_code)

    def _disagreement(self, code: int | None) -> str:
        red = bool(self.errors) or any(o.red for o in self.outcomes.values())
        missing = [n for n in self.collected if n not in self.outcomes]
        if code is not None and code != self.end["exit"]:
            return f"pytest said it would end with {self.end['exit']} and the process ended with {code}"
        if "" in self.errors:
            return ""  # pytest did not start: said as an error, and nothing is green
        if self.end["exit"] not in {0, 1, 5}:
            return f"pytest could not run the tests (exit status {self.end['exit']})"
        if missing:
            return f"pytest ended without running {missing[0]} ({len(missing)} of {len(self.collected)} were left out)"
        if (self.end["exit"] == 1) != red:
            return f"pytest's exit status {self.end['exit']} does not agree with the outcomes that were reported"
        return ""


def _read(report: Path) -> Iterable[Mapping[str, Any]]:
    """The lines that are whole; the last one may have been cut off by a kill."""
    text = report.read_text("utf-8", "replace") if report.is_file() else ""
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def _outcome(line: Mapping[str, Any], outcome: str, phase: str) -> TestOutcome:
    return TestOutcome(
        line["nodeid"],
        outcome,
        phase,
        round(line.get("seconds", 0.0), 4),
        line.get("exception", ""),
        line.get("message", ""),
        line["text"],
        tuple(Frame(path, number) for path, number in line.get("frames", ())),
        _lines(line),
    )


def _lines(line: Mapping[str, Any]) -> Lines:
    return {path: tuple(numbers) for path, numbers in line.get("lines", {}).items()}


def _tail(done: Done) -> str:
    """The end of what the process said: standard error, or output when there is none."""
    return (done.stderr.strip() or done.stdout.strip())[-TEXT_LIMIT:].decode("utf-8", "replace")
