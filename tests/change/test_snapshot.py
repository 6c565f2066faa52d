from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from reviewer.change.git import Repository
from reviewer.change.snapshot import carry, export
from reviewer.errors import GitError

from ..conftest import Repo
from .conftest import Open


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def _exported(repo: Repo, repository: Repository, dest: Path, paths: list[str] | None = None) -> dict[str, bytes]:
    before = repo.state()
    assert export(repository, repository.head_tree(), dest, paths) == ()
    assert repo.state() == before
    return _files(dest)


def test_a_tree_is_written_as_files_and_the_repository_left_alone(repo: Repo, opened: Open, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.py": b"x = 1\n",
        "pkg/b c.py": b"y\r\n",
        'q"\n.py': b"",
        "bin": b"\0\xff",
        "f\udcff": b"z",
    }
    repo.commit(files)
    repo.write("a.py", "not this\n")
    repo.write("untracked.py", "nor this\n")
    assert _exported(repo, opened(repo.root), tmp_path / "out") == files


def test_only_the_paths_that_are_asked_for_are_written(repo: Repo, opened: Open, tmp_path: Path) -> None:
    repo.commit({"a.py": "1\n", "b/[a].py": "2\n", "b/a.py": "3\n", "c.py": "4\n"})
    repository = opened(repo.root)
    assert _exported(repo, repository, tmp_path / "out", ["b/[a].py", "c.py", "absent.py"]).keys() == {
        "b/[a].py",
        "c.py",
    }
    assert _exported(repo, repository, tmp_path / "none", []) == {}


def test_modes_and_links_are_kept_and_links_are_not_followed(repo: Repo, opened: Open, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    repo.write("run.sh", "").chmod(0o755)
    (repo.root / "link").symlink_to(outside)
    (repo.root / "file-link").symlink_to("run.sh")
    repo.commit()
    _exported(repo, opened(repo.root), tmp_path / "out")
    assert os.access(tmp_path / "out" / "run.sh", os.X_OK)
    assert (tmp_path / "out" / "link").readlink() == outside
    assert (tmp_path / "out" / "file-link").readlink() == Path("run.sh")
    assert list(outside.iterdir()) == []


def test_nothing_is_written_through_a_link_that_a_tree_puts_in_the_way(
    repo: Repo, opened: Open, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = repo.git("hash-object", "-w", "--stdin", stdin=os.fsencode(outside))
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"evil")
    inner = repo.git("mktree", stdin=f"100644 blob {blob}\tx\n".encode())
    # Two entries of one name, a link and a folder: no git would write such a tree itself.
    raw = b"120000 d\0" + bytes.fromhex(link) + b"40000 d\0" + bytes.fromhex(inner)
    tree = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)
    with contextlib.suppress(GitError):
        export(opened(repo.root), tree, tmp_path / "out")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("name", [b"..", b".git", b"a/b"])
def test_a_tree_with_an_unsafe_name_is_refused(repo: Repo, opened: Open, tmp_path: Path, name: bytes) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"evil")
    inner = b"100644 x\0" + bytes.fromhex(blob)
    folder = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=inner)
    raw = b"40000 " + name + b"\0" + bytes.fromhex(folder)
    tree = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)
    repository = opened(repo.root)
    if name == b"a/b":
        export(repository, tree, tmp_path / "out")
        assert all(path.is_relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*"))
        return
    with pytest.raises(GitError):
        export(repository, tree, tmp_path / "out")
    assert not (tmp_path / "x").exists()


def test_a_folder_with_something_in_it_is_refused(repo: Repo, opened: Open, tmp_path: Path) -> None:
    repo.commit({"a.py": "1\n"})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("")
    repository = opened(repo.root)
    with pytest.raises(GitError, match="not empty"):
        export(repository, repository.head_tree(), tmp_path / "out")


def test_submodules_are_named(repo: Repo, opened: Open, tmp_path: Path) -> None:
    Repo(repo.root / "sub").commit({"b.py": "1\n"})
    repo.commit({"a.py": "1\n"})
    repository = opened(repo.root)
    skipped = export(repository, repository.head_tree(), tmp_path / "out")
    assert [(s.what, s.harmless) for s in skipped] == [("sub", True)]
    assert _files(tmp_path / "out").keys() == {"a.py"}
    assert export(repository, repository.head_tree(), tmp_path / "other", ["a.py"]) == ()


@pytest.mark.parametrize("key", ["smudge", "process"])
def test_filters_and_hooks_do_not_run(repo: Repo, opened: Open, tmp_path: Path, home: Path, key: str) -> None:
    mark = tmp_path / "ran"
    repo.commit({"a.bin": "pointer\n", ".gitattributes": "*.bin filter=lfs\n"})
    (home / ".gitconfig").write_text(f'[filter "lfs"]\n\t{key} = touch {mark} && cat\n\trequired = true\n')
    hook = repo.write(".git/hooks/post-checkout", f'#!/bin/sh\ntouch "{mark}"\n')
    hook.chmod(0o755)
    assert _exported(repo, opened(repo.root), tmp_path / "out")["a.bin"] == b"pointer\n"
    assert not mark.exists()


def test_line_ends_follow_the_trees_own_attributes(repo: Repo, opened: Open, tmp_path: Path) -> None:
    repo.commit({".gitattributes": "*.bat text eol=crlf\n", "a.bat": "one\r\n", "a.py": "one\n"})
    repo.write(".gitattributes", "*.py text eol=crlf\n")
    files = _exported(repo, opened(repo.root), tmp_path / "out")
    assert (files["a.bat"], files["a.py"]) == (b"one\r\n", b"one\n")


def test_the_tree_of_a_linked_work_tree_is_written(repo: Repo, opened: Open, tmp_path: Path) -> None:
    repo.commit({"a.py": "1\n"})
    linked = tmp_path / "linked"
    repo.git("worktree", "add", "-q", str(linked))
    repository = opened(linked)
    export(repository, repository.head_tree(), tmp_path / "out")
    assert _files(tmp_path / "out") == {"a.py": b"1\n"}


def test_what_the_build_left_is_carried_and_ignored_folders_are_not(repo: Repo, opened: Open, tmp_path: Path) -> None:
    repo.commit({"pkg/a.py": "1\n", ".gitignore": "_version.py\n*.so\n/.venv\n*.log\n"})
    for name in ("pkg/_version.py", "pkg/fast.so", ".venv/x.py", "pkg/a.log", "pkg/new.py"):
        repo.write(name, "built\n")
    repository = opened(repo.root)
    before = repo.state()
    files = _exported(repo, repository, tmp_path / "out")
    carry(repository, [tmp_path / "out"])
    assert _files(tmp_path / "out").keys() - files.keys() == {"pkg/_version.py", "pkg/fast.so"}
    assert repo.state() == before
