"""What a sandbox is: a door like `reviewer.process.run`, with walls round it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ..process import Done


class Sandbox(Protocol):
    """Runs programs on a copy of the code under review."""

    @property
    def isolation(self) -> Mapping[str, str]:
        """What is walled off, for the receipt: {"name": "bubblewrap", "network": "none", "files": "read-only", ...}."""

    def run(
        self,
        argv: Sequence[str],
        *,
        snapshot: Path,
        scratch: Path,
        timeout: float,
        env: Mapping[str, str] | None = None,
    ) -> Done:
        """Run a program in the snapshot (writable: a throw-away copy), with `scratch` writable too.

        `env` is added to a small allow list of variables; nothing else of the user's environment is visible.
        Raises ToolError when it cannot be started; a limit that was reached is a Done with exit code None.
        """

    def place(self, snapshot: Path) -> Path:
        """The path under which a process inside sees the snapshot (the repository's own, or the snapshot's)."""
