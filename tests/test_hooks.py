"""The hooks of `.pre-commit-hooks.yaml`, installed and run by pre-commit itself in real repositories.

Their environment is made by pre-commit and pip, from this tree; only what llm-review depends on is lent from the tests'
own, so that nothing is fetched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import IDENTITY, Repo

TOP = Path(__file__).parents[1]
PACKAGES = sysconfig.get_path("purelib")
SCRIPTS = sysconfig.get_path("scripts")
LENT = {"PYTHONPATH": PACKAGES, "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1"}
CONFIG = """\
repos:
  - repo: {repo}
    rev: v1.0
    hooks:
      - id: llm-review
        args: [--no-llm]
        verbose: true
      - id: llm-review-push
        args: [--no-llm]
        verbose: true
"""
FINE = "def add(a, b):\n    return a + b\n"
BROKEN = "def add(a, b):\n    return a + c\n"


class Hooked(Repo):
    """A repository with the hooks installed. `home` is pre-commit's, where their environment is."""

    def __init__(self, root: Path, home: Path, source: Path) -> None:
        super().__init__(root)
        self.home = home
        self.write(".pre-commit-config.yaml", CONFIG.format(repo=source))
        self.commit({"calc.py": FINE, "a b/é.py": FINE})
        self.pre_commit("install", "--hook-type", "pre-commit", "--hook-type", "pre-push")

    def commit(self, files: dict[str, str | bytes] | None = None, message: str = "change") -> str:
        """A commit that asks no hook."""
        for path, content in (files or {}).items():
            self.write(path, content)
        self.stage()
        self.git("commit", "-q", "--no-verify", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def pre_commit(self, *words: str, lent: bool = False) -> str:
        done = self.run(SCRIPTS + "/pre-commit", *words, lent=lent)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, *words: str, lent: bool = False) -> subprocess.CompletedProcess[str]:
        env = os.environ | IDENTITY | {"PRE_COMMIT_HOME": str(self.home)} | (LENT if lent else {})
        env["PATH"] = f"{SCRIPTS}{os.pathsep}{env['PATH']}"
        return subprocess.run(words, cwd=self.root, env=env, capture_output=True, text=True, check=False)

    def commits(self, *words: str) -> tuple[bool, str]:
        """Whether a commit was made, and all that was said."""
        before = self.git("rev-parse", "HEAD")
        done = self.run("git", "commit", "-q", "-m", "change", *words)
        assert (done.returncode == 0) == (self.git("rev-parse", "HEAD") != before)
        return done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This tree as a repository that pre-commit can clone."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("reviewer", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        origin = TOP / name
        copy = shutil.copytree if origin.is_dir() else shutil.copy
        copy(origin, folder / name)
    repo = Repo(folder)
    repo.commit()
    repo.git("tag", "v1.0")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, source: Path) -> Path:
    """pre-commit's home, with the environment of the hooks in it."""
    home = tmp_path_factory.mktemp("pre-commit")
    Hooked(tmp_path_factory.mktemp("first") / "r", home, source).pre_commit("install-hooks", lent=True)
    (packages,) = home.glob("repo*/py_env-*/lib/python*/site-packages")
    (packages / "lent.pth").write_text(f"{PACKAGES}\n")
    assert (packages / "reviewer" / "cli.py").is_file()
    return home


@pytest.fixture
def hooked(tmp_path: Path, home: Path, source: Path) -> Hooked:
    return Hooked(tmp_path / "a repo é", home, source)


def test_a_broken_change_is_not_committed_and_a_mended_one_is(hooked: Hooked) -> None:
    hooked.write("a b/é.py", BROKEN)
    hooked.stage()
    made, said = hooked.commits()
    assert not made
    assert "a b/é.py:2" in said
    hooked.write("a b/é.py", FINE + "\n\ndef sub(a, b):\n    return a - b\n")
    hooked.stage()
    made, said = hooked.commits()
    assert made, said


def test_only_what_is_staged_counts(hooked: Hooked) -> None:
    hooked.write("calc.py", FINE + "\n\nONE = 1\n")
    hooked.stage()
    hooked.write("calc.py", BROKEN)
    made, said = hooked.commits()
    assert made, said
    assert (hooked.root / "calc.py").read_text() == BROKEN


def test_what_is_mended_in_the_work_tree_alone_is_not_committed(hooked: Hooked) -> None:
    hooked.write("calc.py", BROKEN)
    hooked.stage()
    hooked.write("calc.py", FINE)
    assert not hooked.commits()[0]
    assert (hooked.root / "calc.py").read_text() == FINE


def test_commit_all_and_amend(hooked: Hooked) -> None:
    hooked.write("calc.py", BROKEN)
    assert not hooked.commits("-a")[0]
    hooked.write("calc.py", FINE + "\n\nONE = 1\n")
    assert hooked.commits("-a")[0]
    hooked.write("calc.py", BROKEN)
    assert not hooked.commits("-a", "--amend")[0]
    hooked.write("calc.py", FINE + "\n\nTWO = 2\n")
    made, said = hooked.commits("-a", "--amend")
    assert made, said


def test_a_merge_in_a_worktree(hooked: Hooked) -> None:
    hooked.git("branch", "topic")
    hooked.commit({"calc.py": FINE + "\n\nONE = 1\n"})
    tree = Hooked.__new__(Hooked)
    tree.root, tree.home = hooked.root.parent / "work tree", hooked.home
    added = hooked.run("git", "worktree", "add", "-q", str(tree.root), "topic")
    assert added.returncode == 0, added.stderr
    tree.commit({"calc.py": FINE + "\n\nTWO = 2\n"})
    assert tree.run("git", "merge", "-q", "--no-commit", "main").returncode != 0
    tree.write("calc.py", BROKEN)
    tree.stage()
    assert not tree.commits()[0]
    tree.write("calc.py", FINE + "\n\nONE = 1\nTWO = 2\n")
    tree.stage()
    made, said = tree.commits()
    assert made, said
    assert len(tree.git("rev-list", "--parents", "-1", "HEAD").split()) == 3


def test_a_submodule_is_no_obstacle(hooked: Hooked, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    other.commit({"x.py": BROKEN})
    hooked.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.root), "sub module")
    made, said = hooked.commits()
    assert made, said
    hooked.write("calc.py", BROKEN)
    assert not hooked.commits("-a")[0]


def test_what_is_pushed_is_reviewed_and_no_more(hooked: Hooked, tmp_path: Path) -> None:
    hooked.commit({"old.py": BROKEN})
    remote = Repo(tmp_path / "remote", init=False)
    remote.git("init", "-q", "--bare", "-b", "main")
    hooked.git("remote", "add", "origin", str(remote.root))
    hooked.git("push", "-q", "--no-verify", "origin", "main")
    hooked.commit({"calc.py": FINE + "\n\nONE = 1\n"})
    done = hooked.run("git", "push", "-q", "origin", "main")
    assert done.returncode == 0, done.stdout + done.stderr
    hooked.commit({"calc.py": BROKEN})
    done = hooked.run("git", "push", "-q", "origin", "main")
    assert done.returncode != 0
    assert "calc.py:2" in done.stdout + done.stderr
    assert "old.py" not in done.stdout + done.stderr
