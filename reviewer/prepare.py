"""What comes before a review: its change, the settings of its base, and what of either is missing."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .change.change import Change
from .change.diff import read_change
from .change.git import Repository
from .change.spec import Spec
from .configs import base_configs
from .errors import UsageError
from .review import Skipped
from .settings import Settings, load, problem_of, user_file

FLAGS = (
    "llm", "cache", "model", "provider", "samples", "language", "tests", "python", "test_timeout", "sandbox", "fail_on",
    "deadline", "base_url", "allow_remote", "baseline",
)  # fmt: skip
EXCLUDED = "excluded in the settings"
# What a review by tools alone imports.
NEEDED = ("reviewer.pipeline", "reviewer.conduct", "reviewer.later", "reviewer.report.terminal")


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

    def check(self) -> None:
        """Raise ModelError where the settings name a model that there cannot be, UsageError for such an address."""
        if self.settings.llm:
            from .llm.choose import check  # noqa: PLC0415 - a review without a model must not pay for it

            check(self.settings)


def prepare(repo: Repository, spec: Spec, arguments: argparse.Namespace) -> Prepared:
    """Read the change, and the settings for it. Raises GitError and UsageError."""
    change, skipped = read_change(repo, spec)
    configs = base_configs(repo, change)
    settings, unread = _settings(configs.get("pyproject.toml"), arguments)
    if settings.exclude:
        change, excluded = _without(change, settings.exclude)
        skipped = (*skipped, *excluded)
    return Prepared(change, configs, settings, (*skipped, *unread))


def _without(change: Change, patterns: Sequence[str]) -> tuple[Change, tuple[Skipped, ...]]:
    """The change without the lines of the files that the settings exclude, and these files.

    A file that moves to such a place was written somewhere else. Raises UsageError for what is no pattern.
    """
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - only where something is excluded

    try:
        spec = GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise UsageError(f"'exclude' has what is no pattern: {error}", "write it as in .gitignore") from error
    out = {f.path for f in change.files if f.hunks and spec.match_file(f.path) and spec.match_file(f.base_path)}
    files = tuple(replace(f, hunks=()) if f.path in out else f for f in change.files)
    return replace(change, files=files), tuple(Skipped(path, EXCLUDED, harmless=True) for path in sorted(out))


def _settings(pyproject: str | None, arguments: argparse.Namespace) -> tuple[Settings, tuple[Skipped, ...]]:
    """The settings, and what of them could not be read.

    A base that is broken must not keep the commit from being made that repairs it.
    """
    problem = problem_of(pyproject) if pyproject is not None else ""
    flags = {name: getattr(arguments, name, None) for name in FLAGS}
    settings = load(None if problem else pyproject, flags, user_file())
    return settings, (Skipped("settings", f"{problem}; the defaults were used"),) if problem else ()
