"""The sandbox of last resort: a clean environment, limits, and an end to every process; no walls."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .. import process
from .limits import Limits, allowed_environment


@dataclass(frozen=True, slots=True)
class Reduced:
    """Runs programs with the user's rights. `reason` says why there are no walls, for the receipt."""

    reason: str = ""
    limits: Limits = field(default_factory=Limits)
    layered: bool = False

    @property
    def isolation(self) -> Mapping[str, str]:
        """What is walled off, and what is not."""
        leftovers = "ended with the run" if sys.platform == "linux" else "ended with the run unless they left the group"
        said = {
            "name": "none",
            "network": "not isolated",
            "files": "not isolated",
            "processes": f"not isolated; {leftovers}",
            "environment": "allow list",
            "limits": str(self.limits),
        }
        return said | ({"reason": self.reason} if self.reason else {})

    def place(self, snapshot: Path) -> Path:
        """The snapshot's own path."""
        return snapshot

    def run(
        self,
        argv: Sequence[str],
        *,
        snapshot: Path,
        scratch: Path,
        timeout: float,
        env: Mapping[str, str] | None = None,
    ) -> process.Done:
        """Run a program in the snapshot; see `Sandbox.run`."""
        done = process.run(
            (*self.limits.launcher(timeout, "supervise"), *argv),
            cwd=snapshot,
            env=allowed_environment(scratch, env),
            timeout=timeout,
        )
        return replace(done, argv=tuple(argv))
