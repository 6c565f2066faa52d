from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reviewer.change import mirror
from reviewer.change.git import Repository
from reviewer.change.snapshot import carry, export

from ..conftest import Repo
from .conftest import Open


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLM_REVIEW_SNAPSHOTS", str(tmp_path / "kept"))
    return tmp_path / "kept"


def listing(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Everything below a folder: what it is, whether it can be executed, and what it holds."""
    found = {}
    for path in sorted(folder.resolve().rglob("*")):
        name = str(path.relative_to(folder.resolve()))
        if path.is_symlink():
            found[name] = ("link", os.fsencode(path.readlink()))
        elif path.is_dir():
            found[name] = ("folder", b"")
        else:
            found[name] = (oct(path.stat().st_mode & 0o777), path.read_bytes())
    return found


class Reviews:
    """Exports trees of a repository, each as a review of its own."""

    def __init__(self, repo: Repo, tmp_path: Path) -> None:
        self.repo, self.tmp_path, self.count = repo, tmp_path, 0

    def open(self) -> Repository:
        self.count += 1
        return Repository.open(self.repo.root, self.tmp_path / f"review-{self.count}")

    def same(self, revision: str = "HEAD") -> Path:
        """The mirror of a tree, which must be what a plain export is."""
        repository = self.open()
        tree = repository.tree_of(revision)
        plain, kept = (self.tmp_path / f"{kind}-{self.count}" for kind in ("plain", "kept"))
        before = self.repo.state()
        skipped = export(repository, tree, plain)
        assert export(repository, tree, kept, kept=True) == skipped
        assert self.repo.state() == before
        assert kept.is_symlink()
        assert listing(kept) == listing(plain)
        repository.close()
        return kept.resolve()


@pytest.fixture
def reviews(repo: Repo, tmp_path: Path) -> Reviews:
    return Reviews(repo, tmp_path)


def a_commit_of_all_kinds(repo: Repo) -> None:
    repo.write("run.sh", "#!/bin/sh\n").chmod(0o755)
    (repo.root / "link").symlink_to("run.sh")
    repo.commit(
        {"a.py": "x = 1\n", "pkg/b c.py": "y\r\n", 'q"\n.py': "", "bin": b"\0\xff", "f\udcff": b"z", "d/e/f": "1"}
    )


def test_a_mirror_is_brought_to_every_tree_in_place(repo: Repo, reviews: Reviews) -> None:
    a_commit_of_all_kinds(repo)
    first = reviews.same()
    unchanged = (first / "bin").stat()
    repo.write("run.sh", "#!/bin/sh\n").chmod(0o644)
    (repo.root / "link").unlink()
    repo.git("rm", "-rq", "d")
    repo.git("mv", "a.py", "b.py")
    repo.commit({"d": "a file now\n", "link/inner": "a folder now\n"})
    assert reviews.same() == first
    assert (first / "bin").stat() == unchanged
    assert reviews.same("HEAD~") == first
    assert reviews.same() == first


def test_what_was_done_to_a_mirror_is_undone(repo: Repo, reviews: Reviews) -> None:
    a_commit_of_all_kinds(repo)
    files = reviews.same()
    before = (files / "a.py").stat()
    (files / "a.py").write_text("x = 2\n")  # as long as it was, and as old
    os.utime(files / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    (files / "bin").unlink()
    (files / "run.sh").chmod(0o600)
    (files / "pkg" / "b c.py").unlink()
    (files / "pkg" / "b c.py").mkdir()
    (files / "pkg" / "b c.py" / "x").write_text("")
    (files / "link").unlink()
    (files / "link").symlink_to("a.py")
    for name in ("new.py", "new/.git/config", "new/x.pyc", "d/e/g", ".gitignore"):
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_text("*\n")
    assert reviews.same() == files


def test_a_built_file_that_was_carried_does_not_stay(repo: Repo, reviews: Reviews) -> None:
    repo.commit({"a.py": "1\n", ".gitignore": "*.so\n"})
    repo.write("fast.so", "built\n")
    repository = reviews.open()
    export(repository, repository.head_tree(), reviews.tmp_path / "out", kept=True)
    carry(repository, [reviews.tmp_path / "out"])
    assert (reviews.tmp_path / "out" / "fast.so").exists()
    repository.close()
    reviews.same()


@pytest.mark.parametrize("name", ["index", "stamp", "index.lock"])
@pytest.mark.parametrize("data", [b"", b"DIRC nonsense"])
def test_a_broken_slot_is_made_anew(repo: Repo, reviews: Reviews, name: str, data: bytes) -> None:
    a_commit_of_all_kinds(repo)
    slot = reviews.same().parent
    (slot / name).write_bytes(data)
    (slot / "files" / "stale").write_text("")
    repository = reviews.open()  # that this one is not kept is allowed; that it is wrong is not
    export(repository, repository.head_tree(), reviews.tmp_path / "out", kept=True)
    assert "stale" not in listing(reviews.tmp_path / "out")
    repository.close()
    assert reviews.same() == slot / "files"


def test_an_update_that_was_broken_off_is_finished(
    repo: Repo, reviews: Reviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_commit_of_all_kinds(repo)
    files = reviews.same()
    index = (files.parent / "index").read_bytes()
    repo.commit({"a.py": "x = 3\n", "more.py": "1\n"})
    reviews.same()
    (files.parent / "index").write_bytes(index)  # as a kill before its last step would leave it
    (files / "a.py").write_bytes(b"x =")
    assert reviews.same("HEAD~") == files
    assert reviews.same() == files


def test_line_ends_follow_attributes_and_settings_that_change(repo: Repo, reviews: Reviews, home: Path) -> None:
    repo.commit({"a.txt": "one\n", "b.txt": "two\n"})
    reviews.same()
    repo.commit({".gitattributes": "*.txt text eol=crlf\n"})
    assert (reviews.same() / "b.txt").read_bytes() == b"two\r\n"
    assert (reviews.same("HEAD~") / "b.txt").read_bytes() == b"two\n"
    repo.write(".git/info/attributes", "a.txt text eol=crlf\n")
    assert (reviews.same("HEAD~") / "a.txt").read_bytes() == b"one\r\n"
    repo.write(".git/info/attributes", "")
    assert (reviews.same("HEAD~") / "a.txt").read_bytes() == b"one\n"
    (home / ".gitconfig").write_text("[core]\n\tautocrlf = true\n")
    assert (reviews.same("HEAD~") / "a.txt").read_bytes() == b"one\r\n"


def test_settings_that_would_blind_git_do_not(repo: Repo, reviews: Reviews) -> None:
    repo.commit({"a.py": "x = 1\n", "b.py": "y = 1\n"})
    settings = ("core.trustctime=false", "core.checkStat=minimal", "core.sparseCheckout=true", "index.skipHash=true")
    for setting in (*settings, "submodule.recurse=true", "core.ignoreStat=true", "clean.requireForce=true"):
        repo.git("config", *setting.split("="))
    repo.write(".git/info/sparse-checkout", "/a.py\n")
    files = reviews.same()
    time.sleep(1.1)  # git reads every file that is as young as its index, in whole seconds
    reviews.same()
    before = (files / "a.py").stat()
    (files / "a.py").write_text("x = 2\n")
    os.utime(files / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    reviews.same()


def test_filters_do_not_run_and_submodules_leave_nothing(repo: Repo, reviews: Reviews, home: Path) -> None:
    mark = reviews.tmp_path / "ran"
    (home / ".gitconfig").write_text(f'[filter "lfs"]\n\tsmudge = touch {mark} && cat\n\trequired = true\n')
    Repo(repo.root / "sub").commit({"b.py": "1\n"})
    repo.commit({"a.bin": "pointer\n", ".gitattributes": "*.bin filter=lfs\n"})
    for _ in range(2):
        assert not (reviews.same() / "sub").exists()
    assert not mark.exists()


def test_a_staged_tree_whose_objects_are_gone_is_left_behind(repo: Repo, reviews: Reviews, tmp_path: Path) -> None:
    repo.commit({"a.py": "x = 1\n", "pkg/b.py": "1\n"})
    files = reviews.same()
    repository = reviews.open()
    blob = repository.run("hash-object", "-w", "--stdin", stdin=b"only for this review\n").lines[0]
    tree = repository.make_tree([("a.py", blob)])
    export(repository, tree, tmp_path / "staged", kept=True)
    assert listing(tmp_path / "staged").keys() == {"a.py"}
    assert (tmp_path / "staged").resolve() == files
    repository.close()
    assert reviews.same() == files


def test_two_snapshots_at_once_are_two_slots_and_the_nearest_is_taken(repo: Repo, opened: Open, tmp_path: Path) -> None:
    repo.commit({"a.py": "1\n"})
    repo.commit({"a.py": "2\n"})
    one, other = opened(repo.root), opened(repo.root)
    trees = [one.tree_of(name) for name in ("HEAD", "HEAD~")]
    for number, tree in enumerate(trees):
        export(one, tree, tmp_path / f"one-{number}", kept=True)
    export(other, trees[0], tmp_path / "other-0", kept=True)
    folders = [(tmp_path / name).resolve() for name in ("one-0", "one-1", "other-0")]
    assert len(set(folders)) == 3
    one.close()
    export(other, trees[1], tmp_path / "other-1", kept=True)
    assert (tmp_path / "other-1").resolve() == folders[1]


def test_a_slot_of_a_process_that_was_killed_is_free_again(repo: Repo, reviews: Reviews) -> None:
    repo.commit({"a.py": "1\n"})
    files = reviews.same()
    code = "import filelock, os, sys; filelock.FileLock(sys.argv[1]).acquire(); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, str(files.parent / "lock")], check=False)
    assert reviews.same() == files


def test_when_all_slots_are_taken_a_plain_copy_is_made(
    repo: Repo, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "SLOTS", 1)
    repo.commit({"a.py": "1\n"})
    repository = opened(repo.root)
    for name in ("first", "second"):
        export(repository, repository.head_tree(), tmp_path / name, kept=True)
    assert [(tmp_path / name).is_symlink() for name in ("first", "second")] == [True, False]
    assert listing(tmp_path / "first") == listing(tmp_path / "second")


def test_the_cache_is_bounded_and_the_oldest_goes_first(
    repo: Repo, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "LIMIT", 2500)
    others = [Reviews(Repo(tmp_path / f"repo-{n}"), tmp_path / f"out-{n}") for n in range(3)]
    slots = []
    for number, other in enumerate(others):
        other.repo.commit({"a.py": "x" * 1000})
        slots.append(other.same().parent)
        os.utime(slots[-1] / "stamp", (number, number))
    assert [
        json.loads((slot / "stamp").read_text())["bytes"] if (slot / "stamp").exists() else 0 for slot in slots
    ] == [
        0,
        1000,
        1000,
    ]
    repo.commit({"huge": "x" * 3000})
    repository = Repository.open(repo.root, tmp_path / "scratch")
    export(repository, repository.head_tree(), tmp_path / "plain", kept=True)
    repository.close()
    assert not (tmp_path / "plain").is_symlink()
    assert sum(p.stat().st_size for p in place.rglob("files/*")) <= 2500


def test_nothing_is_kept_in_the_repository_or_where_others_may_write(
    repo: Repo, reviews: Reviews, place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repo.commit({"a.py": "1\n"})
    place.mkdir()
    place.chmod(0o777)
    repository = reviews.open()
    export(repository, repository.head_tree(), tmp_path / "one", kept=True)
    monkeypatch.setenv("LLM_REVIEW_SNAPSHOTS", str(repo.root / "kept"))
    export(repository, repository.head_tree(), tmp_path / "two", kept=True)
    repository.close()
    assert not (tmp_path / "one").is_symlink()
    assert not (tmp_path / "two").is_symlink()
    assert list(place.iterdir()) == []
