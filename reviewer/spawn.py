"""Starts other programs for `reviewer.process`, which sees to their end; alone, it is imported in no time."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

from . import interrupt
from .errors import ToolError

TYPE_CHECKING = False  # typing and pathlib are what must not be waited for
if TYPE_CHECKING:
    from pathlib import Path


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without `GIT_*`, and with `extra`."""
    return {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | dict(extra or {})


def begin(
    argv: Sequence[str], *, cwd: Path | str | None = None, env: Mapping[str, str] | None = None, feed: bool = True
) -> subprocess.Popen[bytes]:
    """Start what `finish` or `abandon` ends; `feed`: it gets a standard input. Raises as `run` does."""
    # An interrupt between the start and the note of it would leave the process behind.
    with interrupt.deferred():
        process = _begin(argv, cwd, environment() if env is None else dict(env), feed)
        interrupt.watch(process.pid)
    return process


def _begin(argv: Sequence[str], cwd: Path | str | None, env: Mapping[str, str], feed: bool) -> subprocess.Popen[bytes]:
    if interrupt.arrived():
        raise KeyboardInterrupt
    try:
        return subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise ToolError(f"cannot start {argv[0]}: {error.strerror}", "is it installed and on the PATH?") from error


def abandon(process: subprocess.Popen[bytes]) -> None:
    """End at once a process that has nothing to lose."""
    with process:
        kill(process.pid, signal.SIGKILL)
    interrupt.unwatch(process.pid)


def kill(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group, if it is still there."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return
