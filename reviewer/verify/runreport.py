"""Reads the report that the plugin writes while pytest runs, and doubts it where the process ended otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..foreign import records_at, text_at
from ..process import Done
from ..review import CommandRun
from .outcome import Frame, Lines, TestOutcome, TestRun

TEXT_LIMIT = 4096
# Elements by their names: in texts and attributes "<" is escaped, so that no parser is needed for what tests wrote.
JUNIT_TEST = re.compile(r"<testcase\b")
JUNIT_RED = re.compile(r"<(?:failure|error)\b")


def read_run(report: Path, junit: Path, nonce: str, done: Done, command: CommandRun) -> TestRun:
    """The run that a report tells of, judged against pytest's own JUnit XML and how the process ended.

    Only a report with the nonce is whole.
    """
    return _Reader(report, junit, nonce).result(done, command)


class _Reader:
    """Turns the report's lines into a TestRun."""

    def __init__(self, report: Path, junit: Path, nonce: str) -> None:
        self.outcomes: dict[str, TestOutcome] = {}
        self.errors: dict[str, TestOutcome] = {}
        self.collected: tuple[str, ...] = ()
        self.import_lines: Lines = {}
        self.running = ""
        self.end: Mapping[str, Any] = {}
        self.rewritten: list[str] = []
        self.leaks: list[str] = []
        self.hits: set[int] = set()
        self.nonce = nonce
        self.read = 0
        self.foreign = False
        self.junit = text_at(junit)
        for line in records_at(report):
            self.foreign = self.foreign or line.get("n") != self.read
            self.read += 1
            try:
                self._take(line)
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
                self.foreign = True  # the plugin writes no such line

    def _take(self, line: Mapping[str, Any]) -> None:
        self.leaks += map(str, line.get("leaks", ()))
        self.hits.update(map(int, line.get("hits", ())))
        match line.get("kind"):
            case "begin":
                self.running = str(line["nodeid"])
            case "test":
                self.running = ""
                outcome = _outcome(line, str(line["outcome"]), str(line["phase"]))
                self.outcomes[outcome.node_id] = outcome
                if line["rewritten"]:
                    self.rewritten.append(outcome.node_id)
            case "collect":
                outcome = _outcome(line, "error", "collect")
                self.errors[outcome.node_id] = outcome
            case "collected":
                self.collected, self.import_lines = tuple(map(str, line["nodeids"])), _lines(line)
            case "end":
                self.end = {"exit": int(line["exit"]), "nonce": line["nonce"]}

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
            hits=frozenset(self.hits),
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
        if self.foreign:
            return "somebody else wrote to the report of the tests"
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
        return self._other_report(red)

    def _other_report(self, red: bool) -> str:
        if not self.junit:
            return "pytest wrote no JUnit XML"
        if bool(JUNIT_RED.search(self.junit)) != red or len(JUNIT_TEST.findall(self.junit)) < len(self.outcomes):
            return "pytest's JUnit XML does not agree with the outcomes that were reported"
        return ""


def _outcome(line: Mapping[str, Any], outcome: str, phase: str) -> TestOutcome:
    return TestOutcome(
        str(line["nodeid"]),
        outcome,
        phase,
        round(float(line.get("seconds", 0.0)), 4),
        str(line.get("exception", "")),
        str(line.get("message", "")),
        str(line["text"]),
        tuple(Frame(str(path), int(number)) for path, number in line.get("frames", ())),
        _lines(line),
        tuple(map(int, line.get("hits", ()))),
        {str(name): str(words) for name, words in dict(line.get("values", {})).items()},
    )


def _lines(line: Mapping[str, Any]) -> Lines:
    return {path: tuple(map(int, numbers)) for path, numbers in line.get("lines", {}).items()}


def _tail(done: Done) -> str:
    """The end of what the process said: standard error, or output when there is none."""
    return (done.stderr.strip() or done.stdout.strip())[-TEXT_LIMIT:].decode("utf-8", "replace")
