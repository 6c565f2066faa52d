"""What every sandbox gives a process: an environment from an allow list, a home of its own, and limits."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ALLOWED = frozenset({"PATH", "LANG", "LANGUAGE", "TZ"})
LAUNCHER = Path(__file__).with_name("launcher.py")
MEGABYTE = 1024 * 1024
PROCESSES = 1024
SHARE_OF_MEMORY = 2
CGROUP = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds: processor seconds (None: what the time limit allows) and file size of each process, and memory
    (None: half of the machine's) and number of processes of the whole tree.

    The tree is watched, many times a second, rather than its address space bounded: numerical libraries reserve far
    more than they use. Watching needs Linux.
    """

    cpu_seconds: int | None = None
    file_bytes: int = 1024 * MEGABYTE
    memory_bytes: int | None = None
    processes: int = PROCESSES

    def __str__(self) -> str:
        """As the receipt says it."""
        cpu = "time limit x processors" if self.cpu_seconds is None else f"{self.cpu_seconds} s"
        said = f"cpu: {cpu}; file size: {self.file_bytes // MEGABYTE} MB"
        if sys.platform != "linux":
            return f"{said}; memory: none; processes: none"
        return f"{said}; memory: {self.memory // MEGABYTE} MB and processes: {self.processes}, watched"

    @property
    def memory(self) -> int:
        """Bytes for the whole tree."""
        return machine_memory() // SHARE_OF_MEMORY if self.memory_bytes is None else self.memory_bytes

    def launcher(self, timeout: float, mode: str) -> tuple[str, ...]:
        """The words to put before a command; `mode` as in `launcher.py`."""
        limits = {
            "cpu_seconds": self.cpu_seconds or math.ceil(timeout) * (os.cpu_count() or 1) + 1,
            "file_bytes": self.file_bytes,
            "memory_bytes": self.memory,
            "processes": self.processes,
        }
        return (sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(limits), mode)


def machine_memory() -> int:
    """Bytes of the machine, or of the container where that has less."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(machine, int(CGROUP.read_text("ascii")))
    except (OSError, ValueError):  # no such file, or "max"
        return machine


def allowed_environment(scratch: Path, extra: Mapping[str, str] | None) -> dict[str, str]:
    """The whole environment of a process: the user's allowed variables, fixed ones, then `extra`.

    Makes the home and temporary folders in `scratch` that it names.
    """
    home, temporary = scratch / "home", scratch / "tmp"
    for folder in (home, temporary):
        folder.mkdir(parents=True, exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if k in ALLOWED or k.startswith("LC_")}
    fixed = {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "TERM": "dumb",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return kept | fixed | dict(extra or {})
