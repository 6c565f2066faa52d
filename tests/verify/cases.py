"""A change in a real repository, through the stages that the tests of this room need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reviewer.change.change import Change, Unit
from reviewer.change.diff import read_change
from reviewer.change.git import Repository
from reviewer.change.spec import Spec, SpecKind
from reviewer.change.units import cut
from reviewer.draft import Draft
from reviewer.settings import Settings
from reviewer.verify.touched import Workshop, run_touched
from tests.conftest import Repo


@dataclass(frozen=True)
class Case:
    """A staged change, its units, a draft, and a folder for throw-away files."""

    repo: Repository
    change: Change
    units: tuple[Unit, ...]
    draft: Draft
    settings: Settings
    scratch: Path

    def run(self) -> Workshop:
        """Run the touched tests; there must be some."""
        workshop = run_touched(self.repo, self.change, self.units, {}, self.settings, self.scratch, self.draft)
        assert workshop is not None, self.draft.review(self.settings.fail_on, "report").skipped
        return workshop

    def text(self, path: str) -> str:
        """The head's text of a changed file."""
        file = self.change.file(path)
        assert file is not None
        return self.repo.read(file.head_blob).decode()


def staged(folder: Path, base: Mapping[str, str], head: Mapping[str, str | None], python: Path) -> Case:
    """Commit the base, stage the head (files that it does not name stay, None deletes one), and read the change."""
    made = Repo(folder / "repo")
    made.commit(dict(base))
    for path, text in head.items():
        if text is None:
            (made.root / path).unlink()
        else:
            made.write(path, text)
    made.stage()
    repo = Repository.open(made.root, folder / "git")
    change, _ = read_change(repo, Spec(SpecKind.STAGED))
    units, _ = cut(change, repo.read)
    settings = Settings(python=str(python), sandbox="none")
    return Case(repo, change, units, Draft(change.base, change.head), settings, folder / "scratch")


Make = Callable[[Mapping[str, str], Mapping[str, str | None]], Case]
