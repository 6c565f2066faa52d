from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from reviewer import desk
from reviewer.cli import main
from tests.craft.test_optimise import CALLS, FAST, SLOW, WRONG
from tests.fakes import FakeProvider

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLM_REVIEW_PYTHON", sys.executable)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "slow.py"
    path.write_text(SLOW)
    return path


def answers(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(desk, "choose", lambda *_: FakeProvider([CALLS, version, ("no version",)]))


def test_the_diff_is_printed_and_the_file_left(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    answers(monkeypatch, FAST)
    assert main(["optimise", "slow.py::unique", "-n", "1"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("--- a/slow.py\n+++ b/slow.py\n")
    assert "times as fast" in said.err
    assert "the project's tests say nothing: the file is in no repository" in said.err
    assert file.read_text() == SLOW


def test_write_changes_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, FAST)
    assert main(["optimise", "slow.py", "-n", "1", "--write"]) == 0
    assert "dict.fromkeys" in file.read_text()


def test_nothing_faster_is_exit_code_1(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    answers(monkeypatch, WRONG)
    assert main(["optimise", "slow.py", "-n", "1", "--write", "--format", "json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["patch"], data["results"][0]["name"]) == ("", "unique")
    assert "text" not in data["results"][0]
    assert file.read_text() == SLOW


def test_a_page(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    answers(monkeypatch, FAST)
    assert main(["optimise", "slow.py", "-n", "1", "--format", "html"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("<!doctype html>")
    assert text.count("<svg") == 2
    assert file.read_text() == SLOW


def test_a_refactoring(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr(desk, "choose", lambda *_: FakeProvider([CALLS, FAST]))
    assert main(["optimise", "slow.py", "-n", "1", "--refactor"]) == 0
    said = capsys.readouterr().err
    assert "unique: 6 lines become 2, complexity 3 becomes 1" in said
    assert "times as fast" not in said
    assert file.read_text() == SLOW
