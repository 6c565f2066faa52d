"""What a collector is: a deterministic look at the change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..change.change import Change, Unit
from ..finding import Finding
from ..review import CommandRun, Skipped

# Cutting a large change into units takes time, which bandit, started before, has use for.
Units = Callable[[], tuple[Unit, ...]]


@dataclass(frozen=True, slots=True)
class Sides:
    """Folders that hold the changed files of each side under their own relative paths, and nothing else.

    The base is written when it is first asked for: mostly the head has nothing that it could have had too.
    """

    head: Path
    written_base: Callable[[], Path]

    @property
    def base(self) -> Path:
        """The base's folder; safe to ask for from several threads."""
        return self.written_base()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a collector found, what it did not do, the commands it ran, and secrets that nobody must be shown."""

    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    commands: tuple[CommandRun, ...] = ()
    secrets: tuple[str, ...] = ()


class Collector(Protocol):
    """One source of evidence. A tool that is missing or broken is a Skipped, never an exception and never a finding."""

    @property
    def name(self) -> str:
        """ "ruff", "bandit", ..."""

    def collect(self, change: Change, sides: Sides, units: Units) -> Evidence:
        """Look at the change. Only what is on a changed line of the head and was not on the base is a finding."""
