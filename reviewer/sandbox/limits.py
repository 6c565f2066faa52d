"""What every sandbox gives a process: an environment from an allow list, a home of its own, and limits."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ALLOWED = frozenset({"PATH", "LANG", "LANGUAGE", "TZ"})
LAUNCHER = Path(__file__).with_name("launcher.py")
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for each process: processor seconds (None: what the time limit allows) and the size of a file.

    There is no bound on the address space: numerical libraries reserve far more than they use.
    """

    cpu_seconds: int | None = None
    file_bytes: int = 1024 * MEGABYTE

    def __str__(self) -> str:
        """As the receipt says it."""
        cpu = "time limit x processors" if self.cpu_seconds is None else f"{self.cpu_seconds} s"
        return f"cpu: {cpu}; file size: {self.file_bytes // MEGABYTE} MB; memory: none"

    def launcher(self, timeout: float, mode: str) -> tuple[str, ...]:
        """The words to put before a command; `mode` as in `launcher.py`."""
        cpu = self.cpu_seconds or math.ceil(timeout) * (os.cpu_count() or 1) + 1
        return (sys.executable, "-I", "-S", str(LAUNCHER), str(cpu), str(self.file_bytes), mode)


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
