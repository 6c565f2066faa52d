"""Times programs side by side: what is compared runs in turns, so that a busy moment hits both."""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Argv = Sequence[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One bar: what was measured, what it must not exceed (or fall below), and what came out."""

    bar: str
    limit: str
    measured: str
    met: bool
    runs: int

    def cells(self) -> tuple[str, ...]:
        return (self.bar, self.limit, self.measured, "yes" if self.met else "**no**", str(self.runs))


def markdown(rows: Sequence[Row]) -> str:
    """The table."""
    lines = [("bar", "limit", "measured (median)", "met", "runs"), ("---",) * 5, *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def in_turns(count: int, *actions: Callable[[], float]) -> list[list[float]]:
    """What each action says, `count` times each, one after the other; one more round goes before and is not counted."""
    rounds = [[action() for action in actions] for _ in range(count + 1)][1:]
    return [list(column) for column in zip(*rounds, strict=True)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def wall(cwd: Path, *commands: Argv, env: Mapping[str, str] | None = None) -> float:
    """Seconds until all commands, started at once, have ended; their output is read and thrown away."""
    start = time.monotonic()
    running = [
        subprocess.Popen(argv, cwd=cwd, env=dict(env or os.environ), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for argv in commands
    ]
    threads = [threading.Thread(target=process.communicate) for process in running]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - start


def peak(cwd: Path, argv: Argv, env: Mapping[str, str] | None = None) -> tuple[float, int]:
    """Seconds, and the greatest memory in bytes of the command and all its descendants together, sampled."""
    start = time.monotonic()
    most = 0
    with subprocess.Popen(
        argv, cwd=cwd, env=dict(env or os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            most = max(most, sum(_memory(pid) for pid in _family(process.pid)))
            time.sleep(0.05)
    return time.monotonic() - start, most


def _family(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents.setdefault(int(words[1]), []).append(int(entry.parent.name))
    found, queue = [], [root]
    while queue:
        found.append(pid := queue.pop())
        queue += parents.get(pid, [])
    return found


def _memory(pid: int) -> int:
    """Proportional set size: pages that processes share are counted once."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)
