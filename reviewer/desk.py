"""What the commands that write or run code share: settings, a throw-away folder, progress, a model when needed."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from .change.diff import read_change
from .change.git import Repository
from .change.locate import current_folder
from .change.snapshot import carry, export
from .change.spec import parse_spec
from .configs import configs_of
from .craft.box import Box, make_box
from .craft.document import Documented
from .craft.explain import Explained
from .craft.optimise import Optimised
from .craft.subject import Subject, again
from .errors import GitError
from .llm.base import Provider
from .llm.budget import Budget
from .llm.choose import choose
from .report.progress import Progress, progress_for
from .report.sanitise import visible
from .scratch import check_outside, scratch
from .settings import Settings, load, problem_of, user_file
from .tasks.session import Session
from .verify.standing import Standing, stand

Made = TypeVar("Made", Documented, Explained, Optimised)
FLAGS = (
    "llm", "cache", "model", "provider", "samples", "language", "python", "test_timeout", "sandbox", "deadline",
    "base_url", "allow_remote",
)  # fmt: skip


@dataclass(slots=True)
class Desk:
    """One command's tools. `session` makes the provider when it is first called; it may raise ModelError."""

    settings: Settings
    folder: Path
    progress: Progress
    deadline: float | None = None
    _providers: list[Provider] = field(default_factory=list)

    def session(self) -> Session:
        """A conversation with the model that the settings name."""
        if not self._providers:
            self._providers.append(choose(self.settings))
        return Session(
            self._providers[0], self.deadline, self.progress.text, self.settings.language, Budget.of(self.settings)
        )

    def box(self) -> Box:
        """A place to execute code, apart from any project."""
        return make_box(self.folder, self.settings.sandbox, self.settings.python)

    def box_at(self, path: Path) -> Box:
        """A file's own place, with a copy of its repository round it; a place apart, where it is in none."""
        try:
            opened = Repository.open(current_folder(), self.folder / "git")
        except GitError:
            return self.box()
        with closing(opened) as repo:
            if not path.resolve().is_relative_to(repo.root.resolve()):
                return self.box()
            self.progress.stage("copying the repository")
            change, _ = read_change(repo, parse_spec(None, False, True, None))
            tree = self.folder / "tree"
            export(repo, change.head, tree)
            carry(repo, (tree,))
            box = make_box(self.folder, self.settings.sandbox, self.settings.python, repo.root)
            name = path.resolve().relative_to(repo.root.resolve()).as_posix()
            return replace(box, tree=tree, name=name, root=repo.root)

    def each(self, chosen: Sequence[Subject], work: Callable[[Subject, Callable[[str], None]], Made]) -> Iterator[Made]:
        """Work on a file's definitions in turn: each starts from the text that the ones before have made."""
        text = chosen[0].text if chosen else ""
        for number, subject in enumerate(chosen):
            self.progress.unit(subject.label, number, len(chosen))
            found = work(again(subject, text), self.progress.stage)
            text = found.text
            yield found

    @contextmanager
    def standing(self, start: Path | None = None) -> Iterator[Standing]:
        """The repository round a folder (default: the current one), as it stands. Raises GitError for none."""
        with closing(Repository.open(start or current_folder(), self.folder / "git")) as repo:
            check_outside(self.folder, repo.root)
            self.progress.stage("copying the repository")
            yield stand(
                repo, configs_of(repo, repo.head_tree()), self.settings, self.folder / "standing", self.deadline
            )

    def close(self) -> None:
        """Release the model."""
        self.progress.close()
        for provider in self._providers:
            provider.close()


@contextmanager
def desk(arguments: argparse.Namespace) -> Iterator[Desk]:
    """The tools for one command, by the settings of user and project, and its flags."""
    flags = {name: getattr(arguments, name, None) for name in FLAGS}
    progress = progress_for(sys.stderr, quiet=arguments.quiet)
    pyproject, problem = project_settings(current_folder())
    if problem:
        sys.stderr.write(f"{visible(problem, lines=False)}; the defaults were used\n")
    with opened(load(pyproject, flags, user_file()), progress) as tools:
        yield tools


def project_settings(start: Path) -> tuple[str | None, str]:
    """The pyproject.toml by which work on the repository round a folder is done, and why it cannot be read, or "".

    As for a review of its work tree, it is the one of the last commit: what is not committed decides nothing.
    """
    with scratch() as folder:
        try:
            opened_there = Repository.open(start, folder)
        except GitError:
            return None, ""
        with closing(opened_there) as repo:
            blob = repo.blob(repo.head_tree(), "pyproject.toml")
            text = repo.read(blob).decode("utf-8", "replace") if blob else None
    problem = problem_of(text) if text is not None else ""
    return (None, problem) if problem else (text, "")


@contextmanager
def opened(settings: Settings, progress: Progress) -> Iterator[Desk]:
    """Tools; a model that was loaded is released, and the folder is gone, at the end."""
    with scratch() as folder:
        tools = Desk(settings, folder, progress, time.monotonic() + settings.deadline if settings.deadline else None)
        try:
            yield tools
        finally:
            tools.close()
