"""`llm-review show`: the last review once more, or one that finished in the background."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .. import later, store
from ..change.git import Repository
from ..change.locate import current_folder
from ..errors import UsageError
from ..report.base import ago, headline
from ..report.write import Wanted, check, parse_formats, write
from ..scratch import scratch

PAGE = "review.html"


def run(arguments: argparse.Namespace) -> int:
    """Write the newest review's reports and return its exit code."""
    formats = parse_formats(arguments.format or ([] if arguments.web else ["terminal"]))
    check(formats)
    place = place_of(current_folder())
    kept = store.newest(place)
    running = later.is_running(place)
    if kept is None:
        hint = "it is still being made" if running else "make one: llm-review diff"
        raise UsageError("there is no review of this repository yet", hint)
    if running:
        sys.stderr.write("a review is going on in the background; this is the last one that ended\n")
    page = (Wanted("html", _new(place / PAGE)),) if arguments.web else ()
    write(kept.review, (*formats, *page), kept.sources, verbose=arguments.verbose, changed=lambda: kept.changed)
    if arguments.web:
        _open(place / PAGE)
    mark_seen(place, kept)
    return kept.review.exit_code


def _new(page: Path) -> Path:
    """An empty file that only the user may read."""
    try:
        page.unlink(missing_ok=True)
        os.close(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise UsageError(f"cannot write {page}: {error.strerror}", "use --format html=FILE") from error
    return page


def _open(page: Path) -> None:
    """Show the page in a browser; its place is printed in any case, for there may be none."""
    import webbrowser  # noqa: PLC0415 - looks for browsers

    opened = webbrowser.open(page.as_uri())
    sys.stdout.write(f"{page}{'' if opened else ' (no browser was found to open it)'}\n")


def place_of(here: Path) -> Path:
    """Where the reviews of the repository round a folder are kept."""
    with scratch() as folder, contextlib.closing(Repository.open(here, folder / "git")) as repo:
        return store.folder(repo.folder)


def mark_seen(place: Path, kept: store.Kept) -> None:
    """Somebody has seen it."""
    if not kept.seen:
        with contextlib.suppress(OSError):
            store.save(place, replace(kept, seen=True))


def unseen(place: Path) -> Iterator[store.Kept]:
    """Reviews that ended in the background and were not shown, the newest first."""
    return (kept for kept in store.every(place) if kept.background and not kept.seen)


def in_a_line(kept: store.Kept) -> str:
    """When it ended and what it found."""
    return f"llm-review: {kept.title}, finished in the background {ago(kept.time)}: {headline(kept.review)}"
