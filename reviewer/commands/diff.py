"""`llm-review diff`: review one change."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ..change.git import Repository
from ..change.locate import current_folder
from ..change.pushed import pushed_range
from ..change.spec import Spec, parse_spec
from ..errors import ExitCode, UsageError
from ..known import again, key_for, known
from ..preload import preload
from ..prepare import NEEDED, Prepared, prepare
from ..report.progress import Progress, progress_for
from ..report.sanitise import visible, well_formed
from ..report.write import check as check_formats
from ..report.write import parse_formats, write
from ..review import Skipped
from ..scratch import check_outside, scratch

if TYPE_CHECKING:
    from ..conduct import Done


def run(arguments: argparse.Namespace) -> int:
    """Review, report, and return the exit code."""
    start: float = arguments.start
    preload(NEEDED)
    formats = parse_formats(arguments.format or ["terminal"])
    check_formats(formats)
    spec = _spec(arguments)
    with scratch() as folder, closing(Repository.open(current_folder(), folder / "git")) as repo:
        check_outside(folder, repo.root)
        progress = progress_for(sys.stderr, quiet=arguments.quiet, verbose=arguments.verbose)
        shown: list[str] | None = [] if arguments.dry_run else None
        ready = prepare(repo, spec, arguments)
        key = key_for(repo, spec, ready.settings)
        if shown is None and (found := known(repo, ready, key)):
            kept = again(found)
            write(kept.review, formats, kept.sources, verbose=arguments.verbose, changed=lambda: kept.changed)
            return kept.review.exit_code
        done = make_review(repo, ready, folder, start, progress, shown=shown)
        if shown is not None:
            return _show(shown)
        write(done.review, formats, done.sources, verbose=arguments.verbose, changed=done.changed)
        from .. import later  # noqa: PLC0415 - see NEEDED

        later.keep(repo, spec, done, key)
    return done.review.exit_code


def _show(questions: Sequence[str]) -> int:
    """What would have been asked of the model; further questions would depend on its answers."""
    text = "\n".join(questions) or "nothing would be asked of a model\n"
    sys.stdout.write(visible(well_formed(text)))
    return ExitCode.OK


def _spec(arguments: argparse.Namespace) -> Spec:
    """The words of the command line; a word that is no revision but a path counts as one, as with git."""
    if arguments.revision == "":
        raise UsageError("the revision is empty", "leave it out for what is staged, or name a commit")
    if arguments.pushed:
        words = [*filter(None, (arguments.revision, *arguments.paths))]
        return parse_spec(pushed_range(os.environ), False, False, None, words)
    words = [arguments.revision, *arguments.paths] if arguments.revision else []
    fixed = arguments.staged or arguments.worktree or arguments.patch is not None
    is_path = bool(words) and (fixed or (Path(words[0]).exists() and ".." not in words[0].split("/")[-1]))
    revision, paths = (None, words) if is_path or not words else (words[0], words[1:])
    return parse_spec(revision, arguments.staged, arguments.worktree, _patch(arguments.patch), paths)


def _patch(name: str | None) -> bytes | None:
    if name is None:
        return None
    if name == "-" and sys.stdin is None:
        raise UsageError("there is no standard input to read the patch from", "give a file: --patch FILE")
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        hint = "give a file with a unified diff, or - for standard input"
        raise UsageError(f"cannot read the patch {name}: {error.strerror}", hint) from error


def make_review(
    repo: Repository,
    ready: Prepared,
    scratch: Path,
    start: float,
    progress: Progress,
    unwanted: Sequence[Skipped] = (),
    shown: list[str] | None = None,
    *,
    local: bool = True,
) -> Done:
    """Review what was prepared; `unwanted` is what was switched off, `local` a person's own run.

    With `shown`, no model is asked: what it would be asked is added to that list.
    """
    ready.check()
    missing = (*ready.missing, *unwanted)
    from ..conduct import conduct  # noqa: PLC0415 - see NEEDED

    given = (repo, ready.change, ready.configs, ready.settings, scratch, progress)
    return conduct(*given, skipped=missing, start=start, shown=shown, local=local)
