"""The only door to other programs (git has its own, `reviewer.change.gitcommand`).

A process gets an argument tuple and no shell, the environment it is given with `GIT_*` taken out, and a session of its
own, so that at its limit, or when the review is interrupted, the whole group is ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from . import interrupt
from .errors import ToolError
from .review import CommandRun
from .spawn import begin, environment, kill

OUTPUT_LIMIT = 64 * 1024 * 1024
GRACE = 2.0
GLANCE = 0.25


@dataclass(frozen=True, slots=True)
class Done:
    """A finished process: exit code (negative: signal; None: killed at its limit), output (clipped), seconds.

    `clipped` says that more than the output limit was written and the rest was thrown away.
    """

    argv: tuple[str, ...]
    exit_code: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    clipped: bool = False

    @property
    def record(self) -> CommandRun:
        """What the receipt keeps."""
        return CommandRun(self.argv, self.exit_code, round(self.seconds, 3))


def run(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    timeout: float = 60.0,
    output_limit: int = OUTPUT_LIMIT,
) -> Done:
    """Run a program to its end or to `timeout` seconds, whichever comes first; never raises for its exit code.

    `env` replaces the whole environment (default: `environment()`). Standard input is `stdin` or nothing.
    Raises ToolError when the program cannot be started. On KeyboardInterrupt the group is killed first; after an
    interrupt nothing is started, in no thread, and KeyboardInterrupt is raised.
    """
    process = begin(argv, cwd=cwd, env=env, feed=stdin is not None)
    return finish(process, argv, stdin=stdin, timeout=timeout, output_limit=output_limit)


def finish(
    process: subprocess.Popen[bytes],
    argv: Sequence[str],
    *,
    stdin: bytes | None = None,
    timeout: float = 60.0,
    output_limit: int = OUTPUT_LIMIT,
) -> Done:
    """Feed a process and wait for its end, as `run` does; `argv` is what the receipt shall say of it."""
    start = time.monotonic()
    try:
        with process:
            return _supervise(process, tuple(argv), stdin, timeout, output_limit, start)
    finally:
        interrupt.unwatch(process.pid)


def start(
    argv: Sequence[str], *, stdin: bytes = b"", stderr: IO[bytes] | None = None, pass_fds: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Start a program beside this one, in a session of its own; the caller ends it.

    It inherits nothing but `pass_fds`: standard input is `stdin`, standard error goes to `stderr` or is thrown away.
    Raises ToolError when the program cannot be started.
    """
    with tempfile.TemporaryFile() as source:
        source.write(stdin)
        source.seek(0)
        try:
            return subprocess.Popen(
                list(argv),
                cwd="/",
                env=environment(),
                stdin=source,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL if stderr is None else stderr,
                start_new_session=True,
                pass_fds=pass_fds,
            )
        except OSError as error:
            raise ToolError(f"cannot start {argv[0]}: {error.strerror}", "is it installed and on the PATH?") from error


# Forks, so that the program is nobody's child, and becomes the program.
_LEAVE = "import os, sys; os.fork() and os._exit(0); os.execv(sys.argv[1], sys.argv[1:])"


def detach(
    argv: Sequence[str], *, stdin: bytes = b"", stderr: IO[bytes] | None = None, pass_fds: Sequence[int] = ()
) -> None:
    """Start a program that outlives this one and inherits nothing of it but `pass_fds`; see `start`.

    `argv[0]` is a whole path. What keeps the program from starting shows in its standard error only.
    """
    with start((sys.executable, "-ISc", _LEAVE, *argv), stdin=stdin, stderr=stderr, pass_fds=pass_fds) as launcher:
        launcher.wait()


def _supervise(
    process: subprocess.Popen[bytes],
    argv: tuple[str, ...],
    stdin: bytes | None,
    timeout: float,
    limit: int,
    start: float,
) -> Done:
    sinks = [_Drain(pipe, limit) for pipe in (process.stdout, process.stderr) if pipe is not None]
    feeder = threading.Thread(target=_feed, args=(process.stdin, stdin or b""), daemon=True)
    if process.stdin is not None:
        feeder.start()
    code: int | None
    try:
        code = _end_of(process, timeout)
    except subprocess.TimeoutExpired:
        kill_group(process)
        code = None
    except BaseException:
        kill_group(process)
        raise
    kill(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        feeder.join(GRACE)  # it closes the pipe, whose reader may have left early
    out, err = (sink.result() for sink in sinks)
    return Done(argv, code, out, err, time.monotonic() - start, any(s.clipped for s in sinks))


def _end_of(process: subprocess.Popen[bytes], timeout: float) -> int:
    """Wait for the exit code; looks up now and then, since no signal reaches a thread whose process ignores it too."""
    end = time.monotonic() + timeout
    while True:
        if interrupt.arrived():
            raise KeyboardInterrupt
        left = end - time.monotonic()
        try:
            return process.wait(min(left, GLANCE))
        except subprocess.TimeoutExpired:
            if left <= GLANCE:
                raise


class _Drain(threading.Thread):
    """Reads a pipe to its end and keeps at most `limit` bytes of it."""

    def __init__(self, pipe: IO[bytes], limit: int) -> None:
        super().__init__(daemon=True)
        self._pipe, self._limit, self._kept, self.clipped = pipe, limit, bytearray(), False
        self.start()

    def run(self) -> None:
        """Read until the other end is closed."""
        try:
            while chunk := os.read(self._pipe.fileno(), 1 << 16):
                room = self._limit - len(self._kept)
                self._kept += chunk[:room]
                self.clipped |= len(chunk) > room
        except (OSError, ValueError):
            return

    def result(self) -> bytes:
        """What was kept; waits a moment for a grandchild that still holds the pipe, then leaves it."""
        self.join(GRACE)
        return bytes(self._kept)


def _feed(pipe: IO[bytes], data: bytes) -> None:
    try:
        with pipe:
            pipe.write(data)
    except OSError:
        return


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads its own session, and all that is in it: terminate, wait, kill."""
    kill(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE / 4)
    kill(process.pid, signal.SIGKILL)
    process.wait()
