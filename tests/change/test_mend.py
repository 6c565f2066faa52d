from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reviewer.change.git import Repository
from reviewer.change.mend import apply, combine
from reviewer.errors import GitError
from reviewer.verify.patch import unified
from tests.conftest import Repo

BASE = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"
HEAD = BASE.replace("two", "2")
FIXED = BASE.replace("two", "zwei")
FIX = unified("a.py", HEAD, FIXED)


@pytest.fixture
def opened(repo: Repo, tmp_path: Path) -> Iterator[tuple[Repo, Repository]]:
    """A repository with a staged change to a.py."""
    repo.commit({"a.py": BASE, "b.py": "x\n"})
    repo.write("a.py", HEAD)
    repo.stage()
    with closing(Repository.open(repo.root, tmp_path / "scratch")) as found:
        yield repo, found


def mended(repo: Repo, found: Repository, *patches: str) -> tuple[str, ...]:
    return apply(found, combine(found, repo.git("write-tree"), patches))


def test_a_staged_file_is_mended_in_the_index_and_in_the_work_tree(opened: tuple[Repo, Repository]) -> None:
    repo, found = opened
    mended(repo, found, FIX)
    assert (repo.root / "a.py").read_text() == FIXED
    assert repo.git("show", ":a.py") == FIXED.rstrip("\n")
    assert repo.git("status", "--porcelain") == "M  a.py"
    repo.git("fsck", "--strict")
    repo.git("commit", "-q", "-m", "mended")


def test_what_is_not_staged_of_the_file_is_kept(opened: tuple[Repo, Repository]) -> None:
    repo, found = opened
    repo.write("a.py", HEAD.replace("nine", "nine, not staged"))
    mended(repo, found, FIX)
    assert (repo.root / "a.py").read_text() == FIXED.replace("nine", "nine, not staged")
    assert repo.git("show", ":a.py") == FIXED.rstrip("\n")


def test_a_conflict_changes_nothing(opened: tuple[Repo, Repository]) -> None:
    repo, found = opened
    repo.write("a.py", HEAD.replace("2", "mine"))
    repo.git("write-tree")
    before = repo.state()
    with pytest.raises(GitError, match=r"does not fit the file in the work tree: .*; nothing was changed"):
        mended(repo, found, FIX)
    assert repo.state() == before


def test_what_fails_half_way_is_taken_back(opened: tuple[Repo, Repository], monkeypatch: pytest.MonkeyPatch) -> None:
    repo, found = opened
    mend = combine(found, repo.git("write-tree"), [FIX])
    before = (repo.git("ls-files", "--stage"), repo.git("status", "--porcelain"))
    real = Repository.run

    def failing(self: Repository, *args: str, **more: object) -> object:
        if args[0] == "apply" and not {"--check", "--cached"} & set(args):
            raise KeyboardInterrupt
        return real(self, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Repository, "run", failing)
    with pytest.raises(KeyboardInterrupt):
        apply(found, mend)
    assert (repo.git("ls-files", "--stage"), repo.git("status", "--porcelain")) == before


def test_a_change_of_the_work_tree_is_mended_there_alone(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.py": BASE})
    repo.write("a.py", HEAD)
    head = repo.git("stash", "create") + "^{tree}"
    with closing(Repository.open(repo.root, tmp_path / "scratch")) as found:
        apply(found, combine(found, repo.git("rev-parse", head), [FIX]))
    assert (repo.root / "a.py").read_text() == FIXED
    assert repo.git("show", ":a.py") == BASE.rstrip("\n")
    assert repo.git("status", "--porcelain") == " M a.py"


def test_a_file_that_is_not_as_it_was_reviewed_is_left_alone(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.py": HEAD})
    tree = repo.git("rev-parse", "HEAD^{tree}")
    repo.write("a.py", HEAD + "more\n")
    with (
        closing(Repository.open(repo.root, tmp_path / "scratch")) as found,
        pytest.raises(GitError, match="not as it was reviewed: nothing was changed"),
    ):
        apply(found, combine(found, tree, [FIX]))
    assert (repo.root / "a.py").read_text() == HEAD + "more\n"


def test_the_undo_that_is_told_takes_everything_back(opened: tuple[Repo, Repository]) -> None:
    repo, found = opened
    repo.write("a.py", HEAD + "ten\n")
    before = (repo.git("ls-files", "--stage"), (repo.root / "a.py").read_text())
    for command in mended(repo, found, FIX):
        subprocess.run(command, shell=True, check=True, cwd=repo.root)
    assert (repo.git("ls-files", "--stage"), (repo.root / "a.py").read_text()) == before


def test_patches_that_fit_are_joined_and_one_that_does_not_is_left(opened: tuple[Repo, Repository]) -> None:
    repo, found = opened
    other = unified("b.py", "x\n", "y\n")
    far = unified("a.py", HEAD, HEAD.replace("nine", "neun"))
    mend = combine(found, repo.git("write-tree"), [FIX, unified("a.py", HEAD, HEAD.replace("2", "deux")), other, far])
    assert (mend.taken, mend.left, mend.paths) == ((0, 2, 3), (1,), ("a.py", "b.py"))
    apply(found, mend)
    assert (repo.root / "a.py").read_text() == FIXED.replace("nine", "neun")
    assert (repo.root / "b.py").read_text() == "y\n"
    assert repo.git("status", "--porcelain") == "M  a.py\n M b.py"


def test_line_ends_and_modes_stay(repo: Repo, tmp_path: Path) -> None:
    head, fixed = HEAD.replace("\n", "\r\n"), FIXED.replace("\n", "\r\n")
    repo.commit({"a.py": BASE})
    (repo.root / "a.py").chmod(0o755)
    repo.write("a.py", head)
    repo.stage()
    with closing(Repository.open(repo.root, tmp_path / "scratch")) as found:
        mended(repo, found, unified("a.py", head, fixed))
    assert (repo.root / "a.py").read_bytes() == fixed.encode()
    assert (repo.root / "a.py").stat().st_mode & 0o111
    assert repo.git("ls-files", "--stage").startswith("100755 ")


@pytest.mark.parametrize(
    "path", ["../out.py", "/tmp/out.py", ".git/hooks/pre-commit", ".git/config", "sub/../../out.py", "link/out.py"]
)
def test_nothing_is_written_outside_of_the_work_tree(
    opened: tuple[Repo, Repository], path: str, tmp_path: Path
) -> None:
    repo, found = opened
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo.root / "link").symlink_to(outside)
    repo.stage()
    head = repo.git("write-tree")
    before = repo.state()
    for old in ("", "x\n"):
        patch = unified(path, old, "y\n")
        mend = combine(found, head, [patch, f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+y\n"])
        assert mend.taken == ()
        assert mend.patch == b""
    assert repo.state() == before
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "out.py").exists()


def test_a_file_that_became_a_link_is_left_alone(opened: tuple[Repo, Repository], tmp_path: Path) -> None:
    repo, found = opened
    other = tmp_path / "other.py"
    other.write_text(HEAD)
    (repo.root / "a.py").unlink()
    (repo.root / "a.py").symlink_to(other)
    with pytest.raises(GitError, match="symbolic link: nothing was changed"):
        mended(repo, found, FIX)
    assert other.read_text() == HEAD
    assert repo.git("show", ":a.py") == HEAD.rstrip("\n")
