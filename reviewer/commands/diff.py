"""`llm-review diff`: review one change."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from ..change.change import Change
from ..change.diff import read_change
from ..change.git import Repository
from ..change.spec import Spec, parse_spec
from ..draft import Draft
from ..errors import UsageError
from ..evidence.gather import PYTEST_CONFIGS, RUFF_CONFIGS
from ..llm.choose import choose
from ..pipeline import Job, review
from ..report.progress import Progress, progress_for
from ..report.write import parse_formats, write
from ..review import Review
from ..settings import load, user_file

FLAGS = (
    "llm", "model", "provider", "samples", "language", "tests", "python", "test_timeout", "sandbox", "fail_on",
    "deadline",
)  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Review, report, and return the exit code."""
    start = time.monotonic()
    formats = parse_formats(arguments.format or ["terminal"])
    spec = _spec(arguments)
    with tempfile.TemporaryDirectory(prefix="llm-review-", ignore_cleanup_errors=True) as folder:
        repo = Repository.open(Path.cwd(), Path(folder) / "git")
        try:
            progress = progress_for(sys.stderr, quiet=arguments.quiet, verbose=arguments.verbose)
            result, sources = _review(repo, spec, arguments, Path(folder), start, progress)
            write(result, formats, sources, verbose=arguments.verbose)
        finally:
            repo.close()
    return result.exit_code


def _spec(arguments: argparse.Namespace) -> Spec:
    """The words of the command line; a word that is no revision but a path counts as one, as with git."""
    words = [arguments.revision, *arguments.paths] if arguments.revision else []
    fixed = arguments.staged or arguments.worktree or arguments.patch is not None
    is_path = bool(words) and (fixed or (Path(words[0]).exists() and ".." not in words[0].split("/")[-1]))
    revision, paths = (None, words) if is_path or not words else (words[0], words[1:])
    return parse_spec(revision, arguments.staged, arguments.worktree, _patch(arguments.patch), paths)


def _patch(name: str | None) -> bytes | None:
    if name is None:
        return None
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the patch {name}: {error.strerror}") from error


def _review(
    repo: Repository, spec: Spec, arguments: argparse.Namespace, scratch: Path, start: float, progress: Progress
) -> tuple[Review, Mapping[str, Sequence[str]]]:
    change, skipped = read_change(repo, spec)
    configs = _base_configs(repo, change)
    settings = load(configs.get("pyproject.toml"), {name: getattr(arguments, name) for name in FLAGS}, user_file())
    draft = Draft(change.base, change.head, change.title, start + settings.deadline if settings.deadline else None)
    draft.skip(skipped)
    provider = partial(choose, settings.provider, settings.model)
    interrupted = False
    try:
        review(Job(repo, change, configs, settings, scratch, provider), draft, progress)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        progress.close()
    return draft.review(settings.fail_on, settings.on_incomplete, interrupted), _sources(repo, change, draft)


def _base_configs(repo: Repository, change: Change) -> dict[str, str]:
    """The base's configuration files by name: those of the head decide nothing."""
    names = dict.fromkeys((*RUFF_CONFIGS, *PYTEST_CONFIGS))
    blobs = {name: blob for name in names if (blob := repo.blob(change.base, name))}
    return {name: repo.read(blob).decode("utf-8", "replace") for name, blob in blobs.items()}


def _sources(repo: Repository, change: Change, draft: Draft) -> dict[str, list[str]]:
    """The head's lines of every file that a finding is in, for code frames."""
    wanted = {f.location.path for f in draft.findings}
    blobs = {f.path: f.head_blob for f in change.files if f.path in wanted and f.head_blob}
    return {path: repo.read(blob).decode("utf-8", "replace").split("\n") for path, blob in blobs.items()}
