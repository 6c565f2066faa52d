"""A program that stands between a sandbox and what it runs: sets limits, then runs it and ends all that it left behind.

Run as `python -I -S launcher.py CPU_SECONDS FILE_BYTES exec|supervise PROGRAM [ARGUMENT...]`. `exec` only sets the
limits (a PID namespace ends the rest); `supervise` adopts every descendant, also one that made a session of its own,
and kills them when the program ends or SIGTERM arrives. Standard library only: it is started by path.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from types import FrameType

PR_SET_CHILD_SUBREAPER = 36
NOT_FOUND = 127


def main(argv: list[str]) -> int:
    """Set the limits and run the program; its exit code."""
    cpu, size, mode, *command = argv
    _limit(resource.RLIMIT_CPU, int(cpu))
    _limit(resource.RLIMIT_FSIZE, int(size))
    _limit(resource.RLIMIT_CORE, 0)
    if mode == "exec":
        _become(command)
    return _supervise(command)


def _limit(which: int, value: int) -> None:
    """Lower a limit; a hard limit of the user's that is lower already stays."""
    hard = resource.getrlimit(which)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _become(command: list[str]) -> None:
    # Python ignores these two at its start, and an ignored signal stays ignored across exec.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606 - this is the program's whole purpose
    except OSError as error:
        os.write(2, f"cannot start {command[0]}: {error.strerror}\n".encode())
        os._exit(NOT_FOUND)


def _supervise(command: list[str]) -> int:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, _stop)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _become(command)
    ended = status = 0
    while ended != child:  # adopted orphans are reaped on the way
        ended, status = os.wait()
    _end_descendants()
    code = os.waitstatus_to_exitcode(status)
    if code < 0:  # end as the program did, so that the caller sees its signal
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _stop(_number: int, _frame: FrameType | None) -> None:
    _end_descendants()
    os._exit(128 + signal.SIGTERM)


def _end_descendants() -> None:
    """Kill children until none is left: the children of a killed one become ours, so that the loop reaches them all."""
    while True:
        for child in _children():
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            os.wait()
        except ChildProcessError:
            return


def _children() -> list[int]:
    """Processes whose parent this one is, by /proc; none where there is no /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            found.append(int(entry.parent.name))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
