"""Which reports are wanted, and where each goes."""

from __future__ import annotations

import difflib
import errno
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TextIO

from ..errors import UsageError
from ..review import ChangedFile, Review
from . import FORMATS

Sources = Mapping[str, Sequence[str]]
Changed = Callable[[], Sequence[ChangedFile]]


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
            near = difflib.get_close_matches(name, FORMATS, 1)
            meant = f"did you mean '{near[0]}'? " if near else ""
            raise UsageError(f"unknown format '{name}'", f"{meant}one of: {', '.join(FORMATS)}")
        wanted.append(Wanted(name, Path(file) if file else None))
    if sum(w.path is None for w in wanted) > 1:
        raise UsageError("two reports would go to standard output", "give one of them a file: --format json=FILE")
    return tuple(wanted)


def write(
    review: Review,
    wanted: Sequence[Wanted],
    sources: Sources,
    *,
    verbose: bool,
    changed: Changed = tuple,
) -> None:
    """Write every report. Raises UsageError when a file cannot be written.

    `changed` gives the change itself; it is called only for a report that shows it. A reader of standard output that
    has read enough (`| head`) is no error.
    """
    for one in wanted:
        if one.path is None:
            _print(one.name, review, sources, verbose, changed)
            continue
        try:
            with one.path.open("w", encoding="utf-8") as stream:
                _write(one.name, review, sources, stream, verbose, changed)
        except OSError as error:
            raise UsageError(*_refusal(one.path, error)) from error


def check(wanted: Sequence[Wanted]) -> None:
    """Raise UsageError for a file that could not be written, before a review is made for it."""
    for one in wanted:
        if one.path is None:
            continue
        if one.path.is_dir():
            raise UsageError(f"cannot write {one.path}: it is a folder", "name a file: --format NAME=FILE")
        if not one.path.parent.is_dir():
            raise UsageError(f"cannot write {one.path}: there is no folder {one.path.parent}", "make the folder first")
        if not os.access(one.path if one.path.exists() else one.path.parent, os.W_OK):
            raise UsageError(*_refusal(one.path, PermissionError(errno.EACCES, os.strerror(errno.EACCES))))


def _refusal(path: Path, error: OSError) -> tuple[str, str]:
    return f"cannot write {path}: {error.strerror}", "name a file that can be written: --format NAME=FILE"


def _print(name: str, review: Review, sources: Sources, verbose: bool, changed: Changed) -> None:
    try:
        _write(name, review, sources, sys.stdout, verbose, changed)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer has nowhere to go, and Python would complain of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(name: str, review: Review, sources: Sources, stream: TextIO, verbose: bool, changed: Changed) -> None:
    if name == "terminal":
        from . import terminal  # noqa: PLC0415 - the review comes first

        terminal.render(review, terminal.console_for(stream), sources, verbose=verbose)
    elif name == "html":
        from . import htmlreport  # noqa: PLC0415 - pygments takes its time

        stream.write(htmlreport.render(review, changed()))
    else:
        stream.write(import_module(f".{FORMATS[name]}", __package__).render(review))
