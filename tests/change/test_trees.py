from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from reviewer.change import trees as trees_module
from reviewer.change.git import Repository
from reviewer.change.spec import Spec, SpecKind, parse_spec
from reviewer.change.trees import read_trees
from reviewer.errors import GitError

from ..conftest import Repo
from .conftest import Open


def files(repository: Repository, tree: str) -> dict[str, str]:
    """Mode and content of everything in a tree."""
    return {
        path: f"{mode} " + ("" if mode == "160000" else repository.read(blob).decode("utf-8", "replace"))
        for mode, blob, path in repository.list_tree(tree)
    }


@pytest.fixture
def changed(repo: Repo) -> Repo:
    """Committed, staged and other content, all different."""
    repo.commit({"a.py": "committed\n", "gone.py": "1\n", ".gitignore": "*.log\n"})
    repo.write("a.py", "staged\n")
    repo.stage()
    repo.write("a.py", "work\n")
    repo.write("new.py", "new\n")
    repo.write("noise.log", "noise\n")
    (repo.root / "gone.py").unlink()
    return repo


REQUESTS = [
    Spec(SpecKind.AUTO),
    Spec(SpecKind.STAGED),
    Spec(SpecKind.WORKTREE),
    Spec(SpecKind.WORKTREE, "HEAD"),
    Spec(SpecKind.RANGE, "HEAD..HEAD"),
    Spec(SpecKind.RANGE, "HEAD...HEAD"),
    Spec(SpecKind.PATCH, "", b"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-committed\n+patched\n"),
]


@pytest.mark.parametrize("spec", REQUESTS, ids=lambda spec: f"{spec.kind}{spec.revision}")
def test_no_request_writes_to_the_repository(changed: Repo, opened: Open, spec: Spec) -> None:
    before = changed.state()
    trees = read_trees(opened(changed.root), spec)
    assert changed.state() == before
    assert trees.head


def test_the_staged_change_is_the_index_against_head(changed: Repo, opened: Open) -> None:
    repository = opened(changed.root)
    trees = read_trees(repository, Spec(SpecKind.STAGED))
    assert trees.base == changed.git("rev-parse", "HEAD^{tree}")
    assert files(repository, trees.head)["a.py"] == "100644 staged\n"
    assert "new.py" not in files(repository, trees.head)
    assert "gone.py" in files(repository, trees.head)


def test_the_work_tree_has_untracked_files_and_not_ignored_or_deleted_ones(changed: Repo, opened: Open) -> None:
    repository = opened(changed.root)
    trees = read_trees(repository, Spec(SpecKind.WORKTREE))
    assert files(repository, trees.head) == {
        ".gitignore": "100644 *.log\n",
        "a.py": "100644 work\n",
        "new.py": "100644 new\n",
    }


def test_without_words_the_staged_change_is_meant_if_there_is_one(changed: Repo, opened: Open) -> None:
    repository = opened(changed.root)
    assert read_trees(repository, parse_spec(None, False, False, None, ())).title == "staged changes"
    changed.git("reset", "-q")
    assert read_trees(repository, parse_spec(None, False, False, None, ())).title == "work tree"


def test_the_work_tree_is_read_from_the_top_whatever_folder_was_opened(changed: Repo, opened: Open) -> None:
    changed.write("sub/x.py", "x\n")
    repository = opened(changed.root / "sub")
    trees = read_trees(repository, Spec(SpecKind.WORKTREE))
    assert {"a.py", "sub/x.py"} <= files(repository, trees.head).keys()


def test_a_revision_is_compared_with_the_work_tree(changed: Repo, opened: Open) -> None:
    first = changed.git("rev-parse", "HEAD")
    changed.commit({"b.py": "b\n"})
    repository = opened(changed.root)
    trees = read_trees(repository, parse_spec(first, False, False, None, ()))
    assert trees.base == repository.tree_of(first)
    assert trees.title == f"work tree against {first}"


def test_a_range_is_two_trees_and_three_dots_start_at_the_merge_base(repo: Repo, opened: Open) -> None:
    fork = repo.commit({"a.py": "1\n"})
    repo.git("checkout", "-q", "-b", "topic")
    topic = repo.commit({"topic.py": "t\n"})
    repo.git("checkout", "-q", "main")
    main = repo.commit({"main.py": "m\n"})
    repository = opened(repo.root)
    two = read_trees(repository, Spec(SpecKind.RANGE, "main..topic"))
    three = read_trees(repository, Spec(SpecKind.RANGE, "main...topic"))
    open_ended = read_trees(repository, Spec(SpecKind.RANGE, "topic.."))
    assert (two.base, two.head) == (repository.tree_of(main), repository.tree_of(topic))
    assert (three.base, three.head) == (repository.tree_of(fork), repository.tree_of(topic))
    assert (open_ended.base, open_ended.head) == (repository.tree_of(topic), repository.tree_of(main))


def test_a_merge_commit_is_compared_with_its_first_parent(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n"})
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit({"topic.py": "t\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"main.py": "m\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    repository = opened(repo.root)
    trees = read_trees(repository, Spec(SpecKind.RANGE, "HEAD^1..HEAD"))
    added = files(repository, trees.head).keys() - files(repository, trees.base).keys()
    assert added == {"topic.py"}


@pytest.mark.parametrize("kind", [SpecKind.STAGED, SpecKind.WORKTREE, SpecKind.AUTO])
def test_before_the_first_commit_everything_is_new(repo: Repo, opened: Open, kind: SpecKind) -> None:
    repo.write("a.py", "x\n")
    repo.stage()
    repository = opened(repo.root)
    trees = read_trees(repository, Spec(kind))
    assert files(repository, trees.base) == {}
    assert files(repository, trees.head) == {"a.py": "100644 x\n"}


def test_an_empty_repository_has_an_empty_change(repo: Repo, opened: Open) -> None:
    trees = read_trees(opened(repo.root), Spec(SpecKind.AUTO))
    assert trees.base == trees.head


def test_the_index_that_git_commit_a_prepared_is_reviewed(
    repo: Repo, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({"a.py": "1\n"})
    repo.write("a.py", "2\n")
    hook = repo.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f'#!/bin/sh\necho "$GIT_INDEX_FILE" > "{tmp_path}/name"\ncp "$GIT_INDEX_FILE" "{tmp_path}/copy"\nexit 1\n'
    )
    hook.chmod(0o755)
    with pytest.raises(AssertionError):
        repo.git("commit", "-q", "-a", "-m", "x")
    name = (tmp_path / "name").read_text().strip()
    assert name.endswith(".lock")
    shutil.copy(tmp_path / "copy", repo.root / name)
    assert read_trees(opened(repo.root), Spec(SpecKind.STAGED)).base == repo.git("rev-parse", "HEAD^{tree}")
    monkeypatch.setenv("GIT_INDEX_FILE", name)
    repository = opened(repo.root)
    assert files(repository, read_trees(repository, Spec(SpecKind.STAGED)).head) == {"a.py": "100644 2\n"}


@pytest.mark.parametrize("kind", [SpecKind.STAGED, SpecKind.WORKTREE])
def test_an_unfinished_merge_is_an_error_that_names_the_file(repo: Repo, opened: Open, kind: SpecKind) -> None:
    repo.commit({"a.py": "1\n"})
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit({"a.py": "2\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"a.py": "3\n"})
    with pytest.raises(AssertionError):
        repo.git("merge", "-q", "topic")
    before = repo.state()
    with pytest.raises(GitError, match=r"a\.py has conflicts"):
        read_trees(opened(repo.root), Spec(kind))
    assert repo.state() == before


def test_a_file_written_in_the_same_instant_as_the_index_is_not_missed(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n"})
    repo.git("config", "core.trustctime", "false")
    index = repo.root / ".git" / "index"
    repo.write("a.py", "2\n")
    moment = index.stat().st_mtime_ns - 10**10
    os.utime(repo.root / "a.py", ns=(moment, moment))
    repo.git("add", "a.py")
    repo.write("a.py", "3\n")
    os.utime(repo.root / "a.py", ns=(moment, moment))
    os.utime(index, ns=(moment, moment))
    repository = opened(repo.root)
    assert files(repository, read_trees(repository, Spec(SpecKind.WORKTREE)).head) == {"a.py": "100644 3\n"}


def test_nested_repositories_are_links_and_an_empty_one_is_named(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n"})
    Repo(repo.root / "inner").commit({"b.py": "2\n"})
    Repo(repo.root / "hollow").write("c.py", "3\n")
    before = repo.state()
    repository = opened(repo.root)
    trees = read_trees(repository, Spec(SpecKind.WORKTREE))
    assert repo.state() == before
    assert files(repository, trees.head) == {"a.py": "100644 1\n", "inner": "160000 "}
    assert [(s.what, s.harmless) for s in trees.skipped] == [("hollow", False)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_files_and_folders_that_cannot_be_read_are_named(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n"})
    repo.write("b.py", "2\n")
    repo.write("secret.py", "3\n").chmod(0)
    repo.write("locked/c.py", "3\n").parent.chmod(0)
    repository = opened(repo.root)
    trees = read_trees(repository, Spec(SpecKind.WORKTREE))
    (repo.root / "locked").chmod(0o755)
    assert files(repository, trees.head).keys() == {"a.py", "b.py"}
    assert {s.what for s in trees.skipped} == {"secret.py", "locked"}


def test_what_git_says_of_unreadable_files_becomes_data() -> None:
    said = """error: open("secret.py"): Permission denied
error: unable to index file 'secret.py'
warning: could not open directory 'locked/': Permission denied
error: 'hollow/' does not have a commit checked out
warning: in the working copy of 'cannot add.py', CRLF will be replaced by LF the next time Git touches it
"""
    assert [s.what for s in trees_module._unread(said)] == ["secret.py", "locked", "hollow"]


def test_a_huge_untracked_file_is_named_and_not_read(repo: Repo, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"a.py": "1\n"})
    repo.write("b.py", "2\n")
    repo.write("data [1]*.bin", b"x" * 2000)
    monkeypatch.setattr(trees_module, "UNTRACKED_LIMIT", 1000)
    repository = opened(repo.root)
    trees = read_trees(repository, Spec(SpecKind.WORKTREE))
    assert files(repository, trees.head).keys() == {"a.py", "b.py"}
    assert [(s.what, s.harmless) for s in trees.skipped] == [("data [1]*.bin", False)]


def test_hooks_monitors_and_fetches_do_not_run(repo: Repo, opened: Open, tmp_path: Path) -> None:
    repo.commit({"a.py": "1\n"})
    mark = tmp_path / "ran"
    script = repo.write(".git/hooks/post-index-change", f'#!/bin/sh\ntouch "{mark}"\n')
    script.chmod(0o755)
    repo.git("config", "core.fsmonitor", str(script))
    repo.git("config", "diff.external", str(script))
    repo.write("a.py", "2\n")
    repository = opened(repo.root)
    for kind in (SpecKind.STAGED, SpecKind.WORKTREE):
        read_trees(repository, Spec(kind))
    assert not mark.exists()


def test_a_split_index_is_read_and_left_alone(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n"})
    repo.git("config", "core.splitIndex", "true")
    repo.git("update-index", "--split-index")
    repo.write("b.py", "2\n")
    repo.stage()
    before = repo.state()
    repository = opened(repo.root)
    trees = read_trees(repository, Spec(SpecKind.WORKTREE))
    assert files(repository, trees.head).keys() == {"a.py", "b.py"}
    assert repo.state() == before


def test_files_outside_a_sparse_checkout_are_not_deletions(repo: Repo, opened: Open) -> None:
    repo.commit({"in/a.py": "1\n", "out/b.py": "2\n"})
    repo.git("sparse-checkout", "set", "--sparse-index", "in")
    repo.write("in/a.py", "3\n")
    before = repo.state()
    repository = opened(repo.root)
    trees = read_trees(repository, Spec(SpecKind.WORKTREE))
    assert files(repository, trees.head) == {"in/a.py": "100644 3\n", "out/b.py": "100644 2\n"}
    assert repo.state() == before


def test_a_patch_is_applied_to_head_in_a_temporary_index(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n2\n3\n", "b.py": "b\n"})
    repo.write("a.py", "1\ntwo\n3\n")
    repo.git("mv", "b.py", "c.py")
    repo.write("bin", b"\0\1\2")
    repo.stage()
    wanted = repo.git("write-tree")
    patch = os.fsencode(repo.git("diff", "--cached", "--binary")) + b"\n"
    repo.git("reset", "-q", "--hard")
    before = repo.state()
    trees = read_trees(opened(repo.root), Spec(SpecKind.PATCH, "", patch))
    assert trees.head == wanted
    assert repo.state() == before


def test_a_patch_that_does_not_apply_is_an_error_with_file_and_line(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n"})
    patch = b"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-other\n+patched\n"
    with pytest.raises(GitError, match=r"does not apply: a\.py:1$"):
        read_trees(opened(repo.root), Spec(SpecKind.PATCH, "", patch))


@pytest.mark.parametrize("patch", [b"", b"hello\n", b"\0\xff"])
def test_what_is_no_patch_is_an_error(repo: Repo, opened: Open, patch: bytes) -> None:
    repo.commit({"a.py": "1\n"})
    with pytest.raises(GitError, match="no patch"):
        read_trees(opened(repo.root), Spec(SpecKind.PATCH, "", patch))


@pytest.mark.parametrize("name", ["../out.py", "/etc/out.py", ".git/hooks/x", "sub/../../out.py"])
def test_a_patch_that_writes_elsewhere_is_an_error(repo: Repo, opened: Open, name: str) -> None:
    repo.commit({"a.py": "1\n"})
    patch = f"diff --git a/{name} b/{name}\nnew file mode 100644\n--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+x\n"
    before = repo.state()
    with pytest.raises(GitError):
        read_trees(opened(repo.root), Spec(SpecKind.PATCH, "", patch.encode()))
    assert repo.state() == before


def test_a_patch_for_a_path_behind_a_link_is_an_error(repo: Repo, opened: Open, tmp_path: Path) -> None:
    repo.write("a.py", "1\n")
    (repo.root / "link").symlink_to(tmp_path)
    repo.commit()
    patch = b"--- /dev/null\n+++ b/link/x.py\n@@ -0,0 +1 @@\n+x\n"
    with pytest.raises(GitError, match="link"):
        read_trees(opened(repo.root), Spec(SpecKind.PATCH, "", patch))
