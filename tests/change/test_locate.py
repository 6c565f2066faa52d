from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from reviewer.change.git import Repository
from reviewer.errors import GitError

from ..conftest import Repo
from .conftest import Open


def _script(path: Path, mark: Path) -> str:
    path.write_text(f'#!/bin/sh\ntouch "{mark}"\ncat\n')
    path.chmod(0o755)
    return str(path)


def test_a_repository_is_found_from_a_folder_inside_it(repo: Repo, opened: Open) -> None:
    repo.write("a/b/c.py", "")
    assert opened(repo.root / "a" / "b").root == repo.root


def test_a_folder_without_a_repository_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not in a git repository") as caught:
        Repository.open(tmp_path, tmp_path / "scratch")
    assert caught.value.hint


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not a folder"):
        Repository.open(tmp_path / "nothing", tmp_path / "scratch")


def test_a_bare_repository_is_an_error(repo: Repo, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    with pytest.raises(GitError, match="no work tree"):
        Repository.open(tmp_path / "bare", tmp_path / "scratch")


def test_a_missing_git_is_an_error(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(GitError, match="not installed"):
        Repository.open(repo.root, tmp_path / "scratch")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_of_another_owner_is_an_error_that_names_safe_directory(repo: Repo, tmp_path: Path) -> None:
    for path in (repo.root, repo.root / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(GitError, match="owner") as caught:
        Repository.open(repo.root, tmp_path / "scratch")
    assert "safe.directory" in caught.value.hint


def test_the_environment_of_a_hook_decides_nothing_but_where_the_repository_is(
    repo: Repo, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({"a.py": "x = 1\n"})
    mark = tmp_path / "ran"
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", _script(tmp_path / "evil", mark))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.bare")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    monkeypatch.setenv("GIT_NAMESPACE", "elsewhere")
    repository = opened(repo.root)
    assert repository.list_tree(repository.head_tree())[0][2] == "a.py"
    assert not mark.exists()


def test_a_repository_that_only_git_dir_names_is_found(
    repo: Repo, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "home-tree"
    tree.mkdir()
    repo.commit({"a.py": ""})
    shutil.move(repo.root / "a.py", tree / "a.py")
    monkeypatch.setenv("GIT_DIR", str(repo.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tree))
    repository = opened(tree)
    assert repository.root == tree
    assert repository.run("status", "--porcelain").out == b""


def test_a_linked_work_tree_is_found_with_the_git_dir_of_its_hook(
    repo: Repo, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({"a.py": "x = 1\n"})
    linked = tmp_path / "linked"
    repo.git("worktree", "add", "-q", str(linked))
    monkeypatch.setenv("GIT_DIR", str(repo.root / ".git" / "worktrees" / "linked"))
    repository = opened(linked)
    blob = repository.blob(repository.head_tree(), "a.py")
    assert repository.root == linked
    assert repository.read(blob or "") == b"x = 1\n"
