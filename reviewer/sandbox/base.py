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

    @property
    def layered(self) -> bool:
        """Whether every write of a program is kept from the snapshot itself, which may then be one that is kept."""

    def run(
        self,
        argv: Sequence[str],
        *,
        snapshot: Path,
        scratch: Path,
        timeout: float,
        env: Mapping[str, str] | None = None,
    ) -> Done:
        """Run a program in the snapshot, with `scratch` writable too.

        The program may write to the snapshot as well, but only what it leaves in `scratch` is to be relied on: where
        layers can be had, the rest is gone after the run.

        `env` is added to a small allow list of variables; nothing else of the user's environment is visible.
        Raises ToolError when it cannot be started; a limit that was reached is a Done with exit code None.
        """

    def place(self, snapshot: Path) -> Path:
        """The path under which a process inside sees the snapshot (the repository's own, or the snapshot's)."""
