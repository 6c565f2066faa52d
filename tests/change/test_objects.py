"""Objects by name, and what a tree has at a path, as git itself says it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.change.objects import Objects, _entries
from reviewer.errors import GitError

from ..conftest import Repo


@pytest.fixture
def objects(repo: Repo) -> Iterator[Objects]:
    found = Objects(repo.root, {})
    yield found
    found.close()


def test_what_a_tree_has_at_a_path_is_what_git_lists(repo: Repo, objects: Objects) -> None:
    files: dict[str, str | bytes] = {"a.py": "1\n", "pkg/b c.py": "2\n", "pkg/deep/\n.py": "3\n", "pkg/ü.py": "4\n"}
    repo.commit(files)
    (repo.root / "link").symlink_to("a.py")
    repo.git("add", ".")
    repo.git("commit", "-q", "-m", "link")
    tree = objects.tree("HEAD^{tree}") or ""
    assert tree == repo.git("rev-parse", "HEAD^{tree}").strip()
    for path in (*files, "link", "pkg", "pkg/deep"):
        mode, _, blob = repo.git("ls-tree", "-z", "HEAD", path).partition("\t")[0].split(" ")
        assert objects.entry(tree, path) == (mode, blob)
    assert objects.entry("HEAD", "a.py") == objects.entry(tree, "a.py")


@pytest.mark.parametrize("path", ["b.py", "a.py/x", "pkg/a.py", "", "/a.py", "pkg/", "a.py\nHEAD"])
def test_what_is_not_there_is_none(repo: Repo, objects: Objects, path: str) -> None:
    repo.commit({"a.py": "1\n", "pkg/b.py": "2\n"})
    assert objects.entry("HEAD", path) is None
    assert objects.read("0" * 40) is None
    assert objects.tree("no-such^{tree}") is None
    assert objects.entry("HEAD", "a.py") is not None


def test_an_object_is_asked_for_once(repo: Repo, objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"a.py": "x = 1\n"})
    tree = objects.tree("HEAD^{tree}") or ""
    _, blob = objects.entry(tree, "a.py") or ("", "")
    assert objects.read(blob) == b"x = 1\n"
    monkeypatch.setattr(objects, "_asked", lambda _: pytest.fail("asked again"))
    assert objects.read(blob) == b"x = 1\n"
    assert objects.entry(tree, "a.py") == ("100644", blob)


def test_a_git_that_was_killed_is_started_again(repo: Repo, objects: Objects) -> None:
    repo.commit({"a.py": "x = 1\n"})
    assert objects.tree("HEAD^{tree}")
    reader = objects._reader
    assert isinstance(reader, subprocess.Popen)
    reader.kill()
    reader.wait()
    with pytest.raises(GitError):
        objects.read(repo.git("rev-parse", "HEAD:a.py").strip())
    with suppress(BrokenPipeError):
        reader.__exit__(None, None, None)
    assert objects.read(repo.git("rev-parse", "HEAD:a.py").strip()) == b"x = 1\n"


@given(st.binary(max_size=120) | st.lists(st.binary(min_size=1, max_size=30)).map(b"\0".join))
def test_a_tree_is_read_or_refused(data: bytes) -> None:
    try:
        found = _entries(data, 20)
    except GitError:
        return
    assert sum(len(name.encode("utf-8", "surrogateescape")) for name in found) <= len(data)
    assert all(len(mode) >= 6 and len(blob) == 40 for mode, blob in found.values())
