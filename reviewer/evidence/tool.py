"""Runs an analyser that prints JSON."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ToolError
from ..foreign import from_json
from ..process import Done, run
from ..review import CommandRun


@dataclass(frozen=True, slots=True)
class Output:
    """What a tool printed, as parsed JSON, or the `problem` that left none; `command` is None when it never started.

    `deep` are files that it was run without, as they are nested too deeply for it.
    """

    data: Any = None
    problem: str = ""
    command: CommandRun | None = None
    deep: tuple[str, ...] = ()


def run_json(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float, codes: Collection[int] = (0,)
) -> Output:
    """Run a tool and parse its standard output; time-outs, other exit codes and garbage are problems, not raised."""
    return parsed(lambda: run(argv, cwd=cwd, env=env, timeout=timeout), timeout, codes)


def parsed(start: Callable[[], Done], timeout: float, codes: Collection[int] = (0,)) -> Output:
    """What `start` runs, as `run_json` gives it."""
    try:
        done = start()
    except ToolError as error:
        return Output(problem=error.message)
    if done.exit_code is None:
        return Output(problem=f"it did not finish within {timeout:g} seconds", command=done.record)
    if done.exit_code not in codes:
        return Output(problem=f"exit code {done.exit_code}: {_last_words(done.stderr)}", command=done.record)
    return json_of(done)


def json_of(done: Done) -> Output:
    """The standard output of a tool that ended well, parsed."""
    try:
        return Output(data=from_json(done.stdout), command=done.record)
    except ValueError:
        clipped = " (it was cut: too long)" if done.clipped else ""
        return Output(problem=f"what it printed is not JSON{clipped}", command=done.record)


def _last_words(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return " ".join(lines[-2:])[:300] or "no message"


def commands(*outputs: Output) -> tuple[CommandRun, ...]:
    """The processes behind some outputs."""
    return tuple(o.command for o in outputs if o.command)
