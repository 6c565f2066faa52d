from __future__ import annotations

import threading
from pathlib import Path

import pytest

from reviewer.change.git import SHALLOW_HINT
from reviewer.errors import GitError, UsageError

from ..conftest import Repo
from .conftest import Open


def test_objects_of_alternates_are_read(repo: Repo, opened: Open, tmp_path: Path) -> None:
    repo.commit({"a.py": "x = 1\n"})
    shared = Repo(tmp_path / "shared", init=False)
    repo.git("clone", "-q", "--shared", ".", str(shared.root))
    alternates = shared.root / ".git" / "objects" / "info" / "alternates"
    alternates.write_text("../../../repo/.git/objects\n")
    repository = opened(shared.root)
    assert repository.read(repository.blob(repository.head_tree(), "a.py") or "") == b"x = 1\n"


def test_the_tree_of_an_unborn_branch_is_empty(repo: Repo, opened: Open) -> None:
    repository = opened(repo.root)
    assert repository.list_tree(repository.head_tree()) == ()


def test_a_detached_head_has_its_tree(repo: Repo, opened: Open) -> None:
    first = repo.commit({"a.py": "1\n"})
    repo.commit({"a.py": "2\n"})
    repo.git("checkout", "-q", first)
    repository = opened(repo.root)
    assert repository.head_tree() == repository.tree_of(first)


@pytest.mark.parametrize("revision", ["nothing", "HEAD~5", "a b", "HEAD:a.py", "^HEAD", "HEAD^!"])
def test_an_unknown_revision_is_an_error(repo: Repo, opened: Open, revision: str) -> None:
    repo.commit({"a.py": ""})
    with pytest.raises(GitError, match="unknown revision"):
        opened(repo.root).tree_of(revision)


@pytest.mark.parametrize("revision", ["", "-p", "--output=stolen", "x\ny"])
def test_what_is_no_revision_never_reaches_git(repo: Repo, opened: Open, revision: str) -> None:
    with pytest.raises(GitError, match="not a revision"):
        opened(repo.root).tree_of(revision)


def test_history_that_a_shallow_clone_lacks_is_an_error_that_names_fetch_depth(
    repo: Repo, opened: Open, tmp_path: Path
) -> None:
    first = repo.commit({"a.py": "1\n"})
    repo.commit({"a.py": "2\n"})
    repo.git("clone", "-q", "--depth=1", f"file://{repo.root}", str(tmp_path / "shallow"))
    repository = opened(tmp_path / "shallow")
    for revision in (first, "HEAD~1"):
        with pytest.raises(GitError) as caught:
            repository.tree_of(revision)
        assert caught.value.hint == SHALLOW_HINT


def test_branches_without_a_common_ancestor_have_no_merge_base(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n"})
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit({"a.py": "2\n"})
    with pytest.raises(GitError, match="common ancestor"):
        opened(repo.root).merge_base("main", "other")


def test_trees_and_blobs_are_listed_by_names_of_any_kind(repo: Repo, opened: Open) -> None:
    names = ["a b.py", "q\"uo'te.py", "new\nline.py", "*.py", "ünï.py", "f\udcffx.py", "dir/[x].py", ":(top)x"]
    repo.commit({name: name for name in names})
    repository = opened(repo.root)
    tree = repository.head_tree()
    assert sorted(path for _, _, path in repository.list_tree(tree)) == sorted(names)
    for name in names:
        assert repository.read(repository.blob(tree, name) or "") == name.encode("utf-8", "surrogateescape")
    assert repository.blob(tree, "dir") is None
    assert repository.blob(tree, "?.py") is None


def test_blobs_are_read_whole_by_many_threads(repo: Repo, opened: Open) -> None:
    contents = {f"{n}.bin": bytes([n]) * (n * 5000) + b"\n\0" for n in range(12)}
    repo.commit(dict(contents))
    repository = opened(repo.root)
    blobs = {path: blob for _, blob, path in repository.list_tree(repository.head_tree())}
    read: dict[str, bytes] = {}
    threads = [threading.Thread(target=lambda p=path: read.update({p: repository.read(blobs[p])})) for path in blobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == contents
    assert repository.sizes(blobs.values()) == {blobs[path]: len(data) for path, data in contents.items()}


def test_the_beginning_of_a_blob_is_read_without_the_rest(repo: Repo, opened: Open) -> None:
    repo.commit({"big": b"x" * 300_000})
    repository = opened(repo.root)
    assert repository.beginning(repository.blob(repository.head_tree(), "big") or "", 10) == b"x" * 10


@pytest.mark.parametrize("blob", ["0" * 40, "HEAD", "", "x\n" * 3])
def test_an_object_that_is_not_there_is_an_error(repo: Repo, opened: Open, blob: str) -> None:
    repository = opened(repo.root)
    with pytest.raises(GitError):
        repository.read(blob)
    repository.close()
    repository.close()


def test_a_replacement_of_an_object_changes_nothing(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "good\n", "b.py": "bad\n"})
    repo.git("replace", "HEAD:a.py", "HEAD:b.py")
    repository = opened(repo.root)
    assert repository.read(repository.blob(repository.head_tree(), "a.py") or "") == b"good\n"


def test_paths_are_taken_from_the_folder_that_was_opened(repo: Repo, opened: Open) -> None:
    repo.write("pkg/sub/a.py", "")
    repository = opened(repo.root / "pkg")
    assert repository.relative("sub/a.py") == "pkg/sub/a.py"
    assert repository.relative("..") == ""
    assert repository.relative(".") == "pkg"
    assert repository.relative(str(repo.root / "pkg" / "sub")) == "pkg/sub"
    with pytest.raises(UsageError, match="outside"):
        repository.relative("../../elsewhere")


def test_a_repository_with_sha256_names_is_read(tmp_path: Path, opened: Open) -> None:
    repo = Repo(tmp_path / "sha256", init=False)
    repo.git("init", "-q", "--object-format=sha256")
    repo.commit({"a.py": "x = 1\n"})
    repository = opened(repo.root)
    assert repository.read(repository.blob(repository.head_tree(), "a.py") or "") == b"x = 1\n"
