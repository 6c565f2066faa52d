"""`llm-review model`: what models there are, get one, say where it is."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..errors import ExitCode, ModelError
from ..llm.catalog import CATALOG, DEFAULT, find
from ..llm.download import is_present, locate, pull
from ..settings import load, user_file

PHASE_WIDTH = 28


def run(arguments: argparse.Namespace) -> int:
    """Run one action."""
    if arguments.action == "list":
        return _list()
    entry = find(arguments.name or load(None, {}, user_file()).model)
    if arguments.action == "pull":
        pull_with_progress(entry.name)
    elif not is_present(entry):
        raise ModelError(f"{entry.name} is not here", f"llm-review model pull {entry.name}")
    sys.stdout.write(f"{locate(entry)}\n")
    return ExitCode.OK


def _list() -> int:
    for entry in CATALOG.values():
        here = "here" if is_present(entry) else "-"
        size = f"{entry.size / 1e9:.1f} GB" if entry.size else "?"
        star = " (default)" if entry.name == DEFAULT else "" if entry.exercised else " (not exercised here)"
        sys.stdout.write(f"{entry.name:20} {size:>8}  {here:5} {entry.licence}  {entry.description}{star}\n")
    return ExitCode.OK


def pull_with_progress(name: str) -> Path:
    """Have a model's file, with a bar on standard error. Raises ModelError."""
    from rich.console import Console  # noqa: PLC0415 - only for the bar
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn  # noqa: PLC0415

    entry = find(name)
    if is_present(entry):
        return locate(entry)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(entry.name, total=None)
        seen: set[str] = set()

        def show(phase: str, done: int, total: int) -> None:
            words = phase if len(phase) <= PHASE_WIDTH else entry.name
            if phase not in seen and (words != phase or not console.is_terminal):
                console.print(f"{entry.name}: {phase}", markup=False, highlight=False)
            seen.add(phase)
            bar.update(task, description=words, completed=done, total=total or None)

        return pull(entry, show)
