"""How many cores an engine may keep busy: threads that wait for one another must never outnumber them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_TOPOLOGY = Path("/sys/devices/system/cpu")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def physical_cores() -> int:
    """Physical cores that this process may run on, within its container's share; at least 1."""
    if sys.platform != "linux":
        return os.cpu_count() or 1
    siblings = {_siblings(cpu) for cpu in os.sched_getaffinity(0)}
    return max(1, min(len(siblings), _quota()))


def _siblings(cpu: int) -> str:
    """The hardware threads of a core; two that share one core give the same answer."""
    try:
        return (_TOPOLOGY / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text().strip()
    except OSError:
        return str(cpu)


def _quota() -> int:
    """Whole cores' worth of time that the container may use; very many when there is no limit."""
    try:
        share, period = _QUOTA.read_text().split()
        return int(share) // int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return sys.maxsize
