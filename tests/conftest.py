"""Real git repositories in temporary folders, closed off from the user's own configuration."""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import uuid
import venv
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from reviewer.report import jsonreport, schema
from reviewer.review import Review

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


@pytest.fixture(scope="session", autouse=True)
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Kept snapshots lie here, and not in the user's cache."""
    folder = tmp_path_factory.mktemp("snapshots")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LLM_REVIEW_SNAPSHOTS", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """No test begins with a signal that is ignored, or leaves one so: a child process would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Repo:
    """A repository for a test: `root` is its work tree."""

    def __init__(self, root: Path, init: bool = True) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        if init:
            self.git("init", "-q", "-b", "main")

    def git(self, *args: str, stdin: bytes | None = None, env: dict[str, str] | None = None) -> str:
        """Run git and return what it printed."""
        done = subprocess.run(
            ["git", *args],
            cwd=self.root,
            env=os.environ | IDENTITY | (env or {}),
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"git {' '.join(args)}: {os.fsdecode(done.stderr)}"
        return os.fsdecode(done.stdout).rstrip("\n")

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file, with its folders."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
        return target

    def stage(self, *paths: str) -> None:
        """Stage the paths; everything, without any."""
        self.git("add", "--all", "--", *(paths or (".",)))

    def commit(self, files: dict[str, str | bytes] | None = None, message: str = "change") -> str:
        """Write the files, commit all that there is, and return the commit's id."""
        for path, content in (files or {}).items():
            self.write(path, content)
        self.stage()
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def state(self) -> dict[str, str]:
        """All that a review must leave as it is: status, references, work trees, and every byte below .git and out."""
        state = {str(p.relative_to(self.root)): _digest(p) for p in sorted(self.root.rglob("*"))}
        state["(status)"] = self.git("status", "--porcelain", "--ignored")
        state["(refs)"] = self.git("for-each-ref")
        state["(worktrees)"] = self.git("worktree", "list", "--porcelain")
        return state


def _digest(path: Path) -> str:
    if path.is_symlink():
        return str(path.readlink())
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the GIT_* that a hook gives to the tests it runs, and no CI, which makes the progress talk."""
    for name in [name for name in os.environ if name.startswith("GIT_") or name == "CI"]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_kept_answers(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own kept answers are neither used nor added to."""
    monkeypatch.setenv("LLM_REVIEW_CACHE_DIR", str(tmp_path_factory.getbasetemp() / f"answers-{uuid.uuid4().hex}"))


@pytest.fixture(autouse=True)
def _no_server(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No model is kept and nothing goes on in the background, and the user's own servers are left alone."""
    monkeypatch.setenv("LLM_REVIEW_SERVE_IDLE", "0")
    monkeypatch.setenv("LLM_REVIEW_BACKGROUND", "false")
    monkeypatch.setenv("LLM_REVIEW_RUNTIME_DIR", str(tmp_path_factory.getbasetemp() / "run"))
    monkeypatch.setenv("LLM_REVIEW_STATE_DIR", str(tmp_path_factory.getbasetemp() / f"state-{uuid.uuid4().hex}"))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """An empty repository."""
    return Repo(tmp_path / "repo")


@pytest.fixture(autouse=True)
def _valid_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every JSON report that is made in the process of a test is held against the schema, whoever makes it."""
    document = jsonreport.document

    def checked(review: Review) -> dict[str, Any]:
        made = document(review)
        _validator().validate(json.loads(json.dumps(made)))
        return made

    monkeypatch.setattr(jsonreport, "document", checked)


@functools.cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema.schema(strict=True))


PARTS = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments")


@pytest.fixture(scope="session")
def lean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with pytest and none of the plugins of this one: it starts in a third of the time."""
    return lean_environment(tmp_path_factory.mktemp("lean"))


def lean_environment(folder: Path) -> Path:
    """That virtual environment, made in an empty folder."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in PARTS:
        source = Path(importlib.import_module(name).__file__ or "").parent
        shutil.copytree(source, packages / name)
    shutil.copy(importlib.import_module("py").__file__ or "", packages)
    info = Path(str(metadata.distribution("pytest").locate_file(f"pytest-{pytest.__version__}.dist-info")))
    shutil.copytree(info, packages / info.name)
    return folder
