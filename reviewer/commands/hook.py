"""`llm-review hook`: what pre-commit runs: the staged change, under a deadline, in one line when nothing is wrong."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import sys
from contextlib import closing
from dataclasses import replace

from .. import later, process, store
from ..change.git import Repository
from ..change.locate import current_folder
from ..change.spec import Spec, SpecKind
from ..conduct import conduct
from ..errors import ToolError, UsageError
from ..known import again, key_for, known
from ..llm.catalog import CATALOG
from ..llm.download import is_present
from ..prepare import Prepared, prepare
from ..report.base import ago, headline
from ..report.progress import progress_for
from ..report.write import Wanted, parse_formats, write
from ..report.write import check as check_formats
from ..review import Skipped
from ..scratch import check_outside, scratch
from .show import in_a_line, mark_seen, unseen

ENGINE = "xllamacpp"


def run(arguments: argparse.Namespace) -> int:
    """Review what is staged, report, and return the exit code."""
    start: float = arguments.start
    formats = parse_formats(arguments.format or [])
    check_formats(formats)
    spec = Spec(SpecKind.STAGED)
    with scratch() as folder, closing(Repository.open(current_folder(), folder / "git")) as repo:
        check_outside(folder, repo.root)
        prepared = prepare(repo, spec, arguments).within("hook_deadline")
        key = key_for(repo, spec, prepared.settings)
        kept = known(repo, prepared, key)
        if kept is not None:
            mark_seen(store.folder(repo.folder), kept)
            return _told(
                again(kept), formats, f"reviewed {'in the background ' if kept.background else ''}{ago(kept.time)}"
            )
        prepared.check()
        _tell_of_others(repo)
        prepared, note = _with_model_or_without(prepared)
        key = key_for(repo, spec, prepared.settings)
        progress = progress_for(sys.stderr, quiet=arguments.quiet, verbose=arguments.verbose)
        missing = prepared.missing
        done = conduct(
            repo, prepared.change, prepared.configs, prepared.settings, folder, progress, skipped=missing, start=start
        )
        if later.keep(repo, spec, done, key):
            note = "the rest goes on in the background: llm-review show"
        return _told(later.kept(done, key), formats, note)


def _tell_of_others(repo: Repository) -> None:
    with contextlib.suppress(UsageError):  # where nothing can be kept there is nothing to tell
        place = store.folder(repo.folder)
        for kept in unseen(place):
            sys.stdout.write(f"{in_a_line(kept)} (llm-review show)\n")
            mark_seen(place, kept)


def _with_model_or_without(prepared: Prepared) -> tuple[Prepared, str]:
    """Where the model is not here yet, it is fetched in the background, and this review does without it."""
    settings = prepared.settings
    entry = CATALOG.get(settings.model)
    local = settings.llm and settings.provider in {"auto", "llamacpp"} and entry is not None
    if not local or entry is None or is_present(entry) or importlib.util.find_spec(ENGINE) is None:
        return prepared, ""
    try:
        process.detach((sys.executable, "-P", "-m", "reviewer", "model", "pull", entry.name))
    except ToolError as error:
        return prepared, error.message
    gap = Skipped("model", f"{entry.name} is being fetched in the background", harmless=True)
    without = replace(prepared, settings=replace(settings, llm=False), missing=(*prepared.missing, gap))
    return without, f"the model {entry.name} is being fetched in the background; until then tools and tests alone"


def _told(kept: store.Kept, formats: tuple[Wanted, ...], note: str) -> int:
    """One line when there is nothing to show; the reports that were asked for in any case."""
    review = kept.review
    shown = formats or ((Wanted("terminal", None),) if review.findings else ())
    write(review, shown, kept.sources, verbose=False, changed=lambda: kept.changed)
    printed = any(one.path is None for one in shown)
    line = note if printed else f"{headline(review)}{f' ({note})' if note else ''}"
    machine = any(one.path is None and one.name != "terminal" for one in shown)
    if line:
        (sys.stderr if machine else sys.stdout).write(f"llm-review: {line}\n")
    return review.exit_code
