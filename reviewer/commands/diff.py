"""`llm-review diff`: review one change."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from .. import later
from ..change.change import Change
from ..change.diff import read_change
from ..change.git import Repository
from ..change.locate import current_folder
from ..change.pushed import pushed_range
from ..change.spec import Spec, parse_spec
from ..conduct import Done, base_configs, conduct
from ..errors import ExitCode, UsageError
from ..report.progress import Progress, progress_for
from ..report.sanitise import visible, well_formed
from ..report.write import check as check_formats
from ..report.write import parse_formats, write
from ..review import Skipped
from ..scratch import check_outside, scratch
from ..settings import Settings, load, problem_of, user_file

FLAGS = (
    "llm", "cache", "model", "provider", "samples", "language", "tests", "python", "test_timeout", "sandbox", "fail_on",
    "deadline", "base_url", "allow_remote", "baseline",
)  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Review, report, and return the exit code."""
    start: float = arguments.start
    formats = parse_formats(arguments.format or ["terminal"])
    check_formats(formats)
    spec = _spec(arguments)
    with scratch() as folder, closing(Repository.open(current_folder(), folder / "git")) as repo:
        check_outside(folder, repo.root)
        progress = progress_for(sys.stderr, quiet=arguments.quiet, verbose=arguments.verbose)
        shown: list[str] | None = [] if arguments.dry_run else None
        done = make_review(repo, spec, arguments, folder, start, progress, shown=shown)
        if shown is not None:
            return _show(shown)
        write(done.review, formats, done.sources, verbose=arguments.verbose, changed=done.changed)
        later.keep(repo, spec, done)
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
    spec: Spec,
    arguments: argparse.Namespace,
    scratch: Path,
    start: float,
    progress: Progress,
    unwanted: Sequence[Skipped] = (),
    shown: list[str] | None = None,
    default: str = "deadline",
) -> Done:
    """Review what the spec names under the settings of its base and the flags; `unwanted` is what was switched off.

    With `shown`, no model is asked: what it would be asked is added to that list. `default` is the setting that is the
    deadline where none is given.
    """
    ready = prepare(repo, spec, arguments).within(default)
    missing = (*ready.missing, *unwanted)
    local = arguments.command != "ci"
    given = (repo, ready.change, ready.configs, ready.settings, scratch, progress)
    return conduct(*given, skipped=missing, start=start, shown=shown, local=local)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change, the configuration files and the settings of its base, and what is known to be missing."""

    change: Change
    configs: Mapping[str, str]
    settings: Settings
    missing: tuple[Skipped, ...]

    def within(self, default: str) -> Prepared:
        """The same with a deadline: the one that was given, or the setting of that name."""
        deadline = self.settings.deadline or getattr(self.settings, default)
        return replace(self, settings=replace(self.settings, deadline=deadline))


def prepare(repo: Repository, spec: Spec, arguments: argparse.Namespace) -> Prepared:
    """Read the change, and the settings for it. Raises GitError and UsageError."""
    change, skipped = read_change(repo, spec)
    configs = base_configs(repo, change)
    settings, unread = _settings(configs.get("pyproject.toml"), arguments)
    return Prepared(change, configs, settings, (*skipped, *unread))


def _settings(pyproject: str | None, arguments: argparse.Namespace) -> tuple[Settings, tuple[Skipped, ...]]:
    """The settings, and what of them could not be read.

    A base that is broken must not keep the commit from being made that repairs it.
    """
    problem = problem_of(pyproject) if pyproject is not None else ""
    flags = {name: getattr(arguments, name, None) for name in FLAGS}
    settings = load(None if problem else pyproject, flags, user_file())
    if settings.llm:
        from ..llm.choose import check as check_model  # noqa: PLC0415 - a review without a model must not pay for it

        check_model(settings)
    return settings, (Skipped("settings", f"{problem}; the defaults were used"),) if problem else ()
