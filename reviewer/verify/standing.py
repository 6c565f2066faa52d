"""Code as it stands, outside of any change: a tree of the repository as files, and a place where its tests are run.

A file of it is looked at as a change that adds the whole file, so that what judges changes judges it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ..change.change import Change, FileChange, Hunk, Span, Status, Unit
from ..change.git import Repository
from ..change.snapshot import carry, export
from ..change.spec import parse_spec
from ..change.trees import read_trees
from ..change.units import cut
from ..draft import Draft
from ..errors import UsageError
from ..evidence.testfiles import patterns_from
from ..evidence.touched_tests import select
from ..review import Skipped
from ..sandbox.choice import layered
from ..settings import Settings
from .compare import Comparison, Failure
from .gaps import module_names
from .lawful import may_be_fixed
from .outcome import TestRun
from .runner import Bench, run_tests
from .touched import Workshop, make_bench

TITLE = "code as it stands"
NEAREST = 10
PYTHON = (".py", ".pyi")


@dataclass(frozen=True)
class Standing:
    """The repository, its work tree as a tree and as files at `head` (a throw-away copy), and the bench, if any.

    `configs` are configuration files of the last commit by name. What could not be done is in the `draft`.
    """

    repo: Repository
    tree: str
    head: Path
    bench: Bench | None
    configs: Mapping[str, str]
    settings: Settings
    scratch: Path
    draft: Draft

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The blob ids of the tree's regular Python files, by path."""
        listed = self.repo.list_tree(self.tree)
        return {path: blob for mode, blob, path in listed if mode.startswith("100") and path.endswith(PYTHON)}

    @cached_property
    def product(self) -> tuple[str, ...]:
        """The files that a fix may change."""
        return tuple(path for path in self.files if may_be_fixed(path, patterns_from(self.configs)))

    @cached_property
    def own(self) -> frozenset[str]:
        """The names of the repository's own modules."""
        return module_names(path for _, _, path in self.repo.list_tree(self.tree))

    def text(self, path: str) -> str:
        """A file's text. Raises UsageError when the tree has no such Python file."""
        if path not in self.files:
            raise UsageError(f"{path} is no Python file of the repository", "is it ignored by git, or outside of it?")
        return self.repo.read(self.files[path]).decode("utf-8", "surrogateescape")

    def relative(self, path: Path) -> str:
        """A path of the user's as the repository names it. Raises UsageError for one outside."""
        place, root = path.absolute().resolve(), self.repo.root.resolve()
        if not place.is_relative_to(root):
            raise UsageError(f"{path} is not in the repository {root}", "go to its repository first")
        return place.relative_to(root).as_posix()

    def change(self, path: str, *spans: Span) -> Change:
        """A file of the tree, as if all of it (or these lines of it) were new."""
        text = self.text(path)
        whole = range(1, text.count("\n") + 1 + (not text.endswith("\n")))
        ranges = [range(s.start, s.end + 1) for s in spans] or [whole]
        hunks = tuple(Hunk(0, 0, r.start, len(r)) for r in ranges if r)
        file = FileChange(path, path, Status.ADDED, "", self.files[path], "", "100644", hunks)
        return Change(str(self.repo.root), self.repo.make_tree(()), self.tree, (file,), TITLE)

    def units(self, path: str) -> tuple[Unit, ...]:
        """The units of a file."""
        return cut(self.change(path), self.repo.read)[0]

    def run(
        self, targets: Sequence[str], *, traced: Iterable[str] = (), seed: int = 0, limit: float | None = None
    ) -> TestRun:
        """Run tests on the tree; `traced` are files all of whose lines are looked at, `limit` is in seconds."""
        if self.bench is None:
            return TestRun()
        lines = {path: range(1, self.text(path).count("\n") + 2) for path in traced}
        most = min(self.settings.test_timeout, self.draft.left, limit or self.settings.test_timeout)
        return run_tests(self.bench, self.head, targets, timeout=most, trace=lines, hash_seed=seed)

    def tests_of(self, path: str) -> tuple[str, ...]:
        """The test files nearest to a file, at most ten; what there is beside them is said."""
        found = select(self.change(path), self.head, patterns_from(self.configs))
        self.draft.skip(replace(s, harmless=True) for s in found.skipped)
        if len(found.targets) > NEAREST:
            self.draft.skip([_rest(path, found.targets)])
        return found.targets[:NEAREST]

    def workshop(self, targets: Sequence[str], before: TestRun, failures: Mapping[str, Failure]) -> Workshop | None:
        """Where fixes are judged by these tests, which ended as in `before` without one."""
        if self.bench is None or not targets:
            return None
        limits = (self.settings.test_timeout, self.draft.deadline)
        return Workshop(self.bench, self.head, tuple(targets), Comparison(before), failures, *limits)


def _rest(path: str, targets: Sequence[str]) -> Skipped:
    return Skipped(
        f"tests of {path}", f"only the {NEAREST} nearest of {len(targets)} test files are run", harmless=True
    )


def stand(
    repo: Repository, configs: Mapping[str, str], settings: Settings, scratch: Path, deadline: float | None = None
) -> Standing:
    """The work tree as it is now; `deadline` is a monotonic time or None.

    Raises GitError, and SandboxError when walls that are required cannot be had.
    """
    trees = read_trees(repo, parse_spec(None, False, True, None))
    draft = Draft(trees.base, trees.head, TITLE, deadline)
    draft.skip(trees.skipped)
    scratch.mkdir(exist_ok=True)
    head = scratch / "head"
    draft.skip(export(repo, trees.head, head, kept=layered(settings.sandbox)))
    carry(repo, (head,))
    change = Change(str(repo.root), trees.base, trees.head, (), TITLE)
    bench = make_bench(change, settings, scratch, draft)
    return Standing(repo, trees.head, head, bench, configs, settings, scratch, draft)
