"""A program that stands between a sandbox and what it runs: sets limits, watches, and ends all that is left behind.

Run as `python -I -S launcher.py LIMITS walls|supervise PROGRAM [ARGUMENT...]`, LIMITS being a JSON object with
`cpu_seconds`, `file_bytes`, `memory_bytes` (0: not watched) and `processes`. The program's whole tree is looked at
every INTERVAL and killed when it has more memory or processes; the last line of standard error then says so, and the
exit is a SIGKILL. `walls`: PROGRAM is bwrap, and what it starts cannot have more processes in the first place (but for
root, whom Linux does not count). `supervise`: every descendant is adopted, also one that made a session of its own.
Both kill them all when the program ends or SIGTERM arrives. Standard library only: it is started by path.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

PR_SET_CHILD_SUBREAPER = 36
NOT_FOUND = 127
BWRAP = 2  # processes of its own: outside, and the first one inside
INTERVAL = 0.05
PAGE = os.sysconf("SC_PAGE_SIZE")
STARTED: set[int] = set()  # known even where there is no /proc to find it in
LISTED = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").exists()


def main(argv: list[str]) -> int:
    """Set the limits and run the program; its exit code."""
    limits, mode, command = json.loads(argv[0]), argv[1], argv[2:]
    _limit(resource.RLIMIT_CPU, limits["cpu_seconds"])
    _limit(resource.RLIMIT_FSIZE, limits["file_bytes"])
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, _stop)
    child = _start_walls(command, limits["processes"]) if mode == "walls" else _start(command)
    beside = BWRAP if mode == "walls" else 0
    status = _watch(child, limits["memory_bytes"], limits["processes"], beside)
    STARTED.clear()
    end_descendants()
    return _end_as(os.waitstatus_to_exitcode(status))


def _limit(which: int, value: int) -> None:
    """Lower a limit; a hard limit of the user's that is lower already stays."""
    hard = resource.getrlimit(which)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _start(command: list[str]) -> int:
    """The program in a process group of its own: a bomb there cannot outrun one signal to the group."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _become(command)
    STARTED.add(child)
    return child


def _start_walls(command: list[str], processes: int) -> int:
    """Start bwrap, and bound the processes inside before there is one: outside they would count with the user's."""
    info, told = os.pipe()
    held, go = os.pipe()
    for end in (told, held):
        os.set_inheritable(end, True)
    child = _start([command[0], "--info-fd", str(told), "--block-fd", str(held), *command[1:]])
    os.close(told)
    os.close(held)
    said = b""
    while b"}" not in said and (part := os.read(info, 4096)):
        said += part
    if said:
        # It may have ended already, or be another user's by now (a setuid bwrap): the tree is watched all the same.
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(json.loads(said)["child-pid"], resource.RLIMIT_NPROC, (processes, processes))
        with contextlib.suppress(BrokenPipeError):
            os.write(go, b"x")
    os.close(go)
    return child


def _become(command: list[str]) -> None:
    # Python ignores these two at its start, and an ignored signal stays ignored across exec.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606 - this is the program's whole purpose
    except OSError as error:
        os.write(2, f"cannot start {command[0]}: {error.strerror}\n".encode())
        os._exit(NOT_FOUND)


def _watch(child: int, memory: int, processes: int, beside: int) -> int:
    """Wait for the child, and reap adopted orphans; its status. Kills everything when the tree has too much."""
    if not hasattr(os, "pidfd_open"):  # no /proc either
        return os.waitpid(child, 0)[1]
    ended = os.pidfd_open(child)
    while not select.select([ended], [], [], INTERVAL)[0]:
        if objection := _too_much(memory, processes, beside):
            end_descendants()
            os.write(2, f"\nllm-review: killed: {objection}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)
        _reap(child)
    return os.waitpid(child, 0)[1]


def _reap(child: int) -> None:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and found.si_pid != child:
            os.waitpid(found.si_pid, 0)


def _too_much(memory: int, processes: int, beside: int) -> str:
    tree = []
    for pid in descendants(os.getpid()):
        tree.append(pid)
        if len(tree) > processes + beside:
            return f"more than {processes} processes"
    # What processes share counts in each one's resident size: the exact sum is dear, and taken only when this one is
    # over the limit.
    if memory and sum(map(_resident, tree)) > memory and sum(map(_proportional, tree)) > memory:
        return f"more than {memory >> 20} MB of memory"
    return ""


def _resident(pid: int) -> int:
    return int((_read(f"/proc/{pid}/statm").split() or ["0", "0"])[1]) * PAGE


def _proportional(pid: int) -> int:
    lines = [line.split() for line in _read(f"/proc/{pid}/smaps_rollup").splitlines() if line.startswith("Pss:")]
    return int(lines[0][1]) * 1024 if lines else _resident(pid)


def _read(path: str) -> str:
    """A file of /proc, or "" when its process has ended."""
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def _end_as(code: int) -> int:
    """End as the program did, so that the caller sees its signal."""
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _stop(_number: int, _frame: FrameType | None) -> None:
    end_descendants()
    os._exit(128 + signal.SIGTERM)


def end_descendants() -> None:
    """Kill descendants until none is left: the children of a killed one become ours, so that the loop reaches all."""
    while True:
        for child in (*STARTED, *_children(os.getpid())):
            _kill(child)
        for pid in descendants(os.getpid()):
            _kill(pid)
        try:
            os.wait()
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return


def _kill(pid: int) -> None:
    """A process, and first the group that it may lead."""
    for send in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(pid, signal.SIGKILL)


def descendants(pid: int) -> Iterator[int]:
    """The processes below one, nearest first; none where there is no /proc."""
    waiting = [pid]
    for one in waiting:
        for child in _children(one):
            waiting.append(child)
            yield child


def _children(pid: int) -> list[int]:
    return _listed(pid) if LISTED else _searched(pid)


def _listed(pid: int) -> list[int]:
    """Children as Linux lists them, thread by thread."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []
    return [int(word) for thread in threads for word in _read(f"{thread}/children").split()]


def _searched(pid: int) -> list[int]:
    """Children by looking at every process, for a Linux without that list."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        fields = _read(str(entry)).rpartition(")")[2].split()
        if fields and int(fields[1]) == pid:
            found.append(int(entry.parent.name))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
