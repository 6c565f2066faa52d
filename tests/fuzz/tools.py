"""What other programs may print, and what may lie where we kept something: read, or refused as what it is."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

from reviewer import settings, store
from reviewer.change.change import Change, FileChange, Hunk, Status
from reviewer.errors import UsageError
from reviewer.evidence import bandit
from reviewer.evidence.base import Sides
from reviewer.evidence.ruff import Ruff
from reviewer.evidence.tool import Output, json_of
from reviewer.llm import cache
from reviewer.process import Done
from reviewer.review import CommandRun
from reviewer.verify import runreport

TOOL_KEYS = [
    "results", "errors", "filename", "reason", "line_number", "line_range", "issue_text", "issue_severity", "test_id",
    "issue_confidence", "issue_cwe", "id", "location", "end_location", "row", "column", "code", "message",
]  # fmt: skip
REPORT_KEYS = [
    "kind", "n", "nodeid", "nodeids", "outcome", "phase", "text", "rewritten", "leaks", "hits", "frames", "lines",
    "values", "seconds", "exit", "nonce",
]  # fmt: skip
KEPT_KEYS = [
    "text",
    "finish",
    "tokens",
    "logprob",
    "others",
    "review",
    "base",
    "head",
    "findings",
    "skipped",
    "receipt",
]
SIDES = Sides(Path("/nowhere/head"), lambda: Path("/nowhere/base"))
CHANGE = Change(
    "/", "b", "h", (FileChange("a.py", "a.py", Status.MODIFIED, "1", "2", "100644", "100644", (Hunk(1, 1, 1, 1),)),), ""
)


def check_tool_output(printed: str) -> None:
    """What ruff and bandit print, whatever it is, is findings or a Skipped."""
    done = Done(("tool",), 0, printed.encode("utf-8", "surrogatepass"), b"", 0.0)
    output = json_of(done)
    assert output.problem or output.command
    _judged(output)


def check_tool_values(data: Any) -> None:
    """The same for values that parse; paths are made to be inside the folder, so that what follows is reached."""
    _judged(Output(data=_rooted(data), command=CommandRun(("tool",), 0, 0.0)))


def _judged(output: Output) -> None:
    Ruff()._judge(CHANGE, SIDES, tuple, Output(data=[]), output)
    with contextlib.suppress(KeyError, TypeError, ValueError):  # what the collector takes for no output of bandit's
        bandit._parse(output.data, SIDES.head)
        bandit._unread(output.data, SIDES.head)


def _rooted(data: Any) -> Any:
    if isinstance(data, list):
        return [_rooted(one) for one in data]
    if not isinstance(data, dict):
        return data
    return {k: f"/nowhere/head/{v}" if k == "filename" and isinstance(v, str) else _rooted(v) for k, v in data.items()}


def check_test_report(folder: Path, lines: list[str], code: int | None) -> None:
    """A report that the tests wrote themselves: believed only with the nonce, and it never breaks the reader."""
    report, junit = folder / "report", folder / "junit"
    report.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    done = Done(("python",), code, b"", b"", 0.0)
    run = runreport.read_run(report, junit, "n" * 32, done, done.record)
    assert not run.trusted


def check_settings(text: str, environment: dict[str, str]) -> None:
    """Any file and any environment gives settings, or an error in words; a file never decides where code goes."""
    with mock.patch.dict(os.environ, environment):
        try:
            loaded = settings.load(text, {})
        except UsageError:
            return
    for name in settings.USERS_OWN - {key.removeprefix(settings.PREFIX).lower() for key in environment}:
        assert getattr(loaded, name) == getattr(settings.Settings(), name)


def check_kept(folder: Path, text: str) -> None:
    """What lies among kept answers and reviews is used, or counts as absent."""
    cache._decoded(text, 0.0)
    file = folder / "review.json"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    store._read(file)


def as_lines(values: list[Any]) -> list[str]:
    """Each value as a line of JSON."""
    return [json.dumps(value) for value in values]
