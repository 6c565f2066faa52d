from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from reviewer import api
from reviewer.desk import desk, project_settings
from reviewer.errors import UsageError

from .conftest import Repo

ARGUMENTS = argparse.Namespace(quiet=True, samples=None)
SAMPLES = "[tool.llm-review]\nsamples = {}\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    found = Repo(tmp_path / "repo")
    found.commit({"pyproject.toml": SAMPLES.format(2), "pkg/a.py": "X = 1\n"})
    monkeypatch.chdir(found.root / "pkg")
    return found


def test_the_settings_are_those_of_the_last_commit_and_not_of_the_work_tree(repo: Repo) -> None:
    repo.write("pyproject.toml", SAMPLES.format(5))
    with desk(ARGUMENTS) as tools:
        assert tools.settings.samples == 2
    assert api._settings(None, repo.root).samples == 2


def test_a_flag_comes_first(repo: Repo) -> None:
    with desk(argparse.Namespace(quiet=True, samples=3)) as tools:
        assert tools.settings.samples == 3


@pytest.mark.parametrize("name", ["allow_remote = true", "base_url = 'https://elsewhere.example/v1'"])
def test_a_repository_does_not_decide_where_code_is_sent(repo: Repo, name: str) -> None:
    repo.commit({"pyproject.toml": f"[tool.llm-review]\n{name}\n"})
    with pytest.raises(UsageError, match="cannot set"), desk(ARGUMENTS):
        pass


def test_a_broken_file_is_said_and_left_out(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.commit({"pyproject.toml": "[tool.llm-review\n"})
    with desk(ARGUMENTS) as tools:
        assert tools.settings.samples == 8
    assert "not valid TOML" in capsys.readouterr().err


def test_outside_of_a_repository_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert project_settings(tmp_path) == (None, "")
