"""Which reports are wanted, and where each goes."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ..errors import UsageError
from ..review import Review
from . import jsonreport, terminal

FORMATS = ("terminal", "json")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A format and the file that it goes to; None is standard output."""

    name: str
    path: Path | None


def parse_formats(words: Sequence[str]) -> tuple[Wanted, ...]:
    """Read `NAME` and `NAME=FILE`. Raises UsageError for an unknown name, or two for standard output."""
    wanted = []
    for word in words:
        name, _, file = word.partition("=")
        if name not in FORMATS:
            raise UsageError(f"unknown format '{name}'", f"one of: {', '.join(FORMATS)}")
        wanted.append(Wanted(name, Path(file) if file else None))
    if sum(w.path is None for w in wanted) > 1:
        raise UsageError("two reports would go to standard output", "give one of them a file: --format json=FILE")
    return tuple(wanted)


def write(review: Review, wanted: Sequence[Wanted], sources: Mapping[str, Sequence[str]], *, verbose: bool) -> None:
    """Write every report. Raises UsageError when a file cannot be written."""
    for one in wanted:
        if one.path is None:
            _write(one.name, review, sources, sys.stdout, verbose)
            continue
        try:
            with one.path.open("w", encoding="utf-8") as stream:
                _write(one.name, review, sources, stream, verbose)
        except OSError as error:
            raise UsageError(f"cannot write {one.path}: {error.strerror}") from error


def _write(name: str, review: Review, sources: Mapping[str, Sequence[str]], stream: TextIO, verbose: bool) -> None:
    if name == "json":
        stream.write(jsonreport.render(review))
    else:
        terminal.render(review, terminal.console_for(stream), sources, verbose=verbose)
