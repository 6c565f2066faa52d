from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from reviewer import desk
from reviewer.cli import main
from tests.conftest import Repo
from tests.fakes import FakeProvider

TEXT = "def double(x):\n    return x * 2\n\n\ndef half(x):\n    return x / 2\n"
DOUBLE = '{"purpose": "double x", "parameters": {"x": "it"}, "returns": "twice x"}'
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLM_REVIEW_PYTHON", sys.executable)
    monkeypatch.setattr(desk, "choose", lambda *_: FakeProvider([DOUBLE, "3)", "{", "3)"]))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "some.py"
    path.write_text(TEXT)
    return path


def test_a_file_is_documented_as_far_as_it_goes_and_only_written_when_asked(file: Path, capsys: Captured) -> None:
    assert main(["document", "some.py"]) == 0
    said = capsys.readouterr()
    assert '+    """Double x.' in said.out
    assert "double: documented, 1 example executed" in said.err
    assert "half: no docstring" in said.err
    assert file.read_text() == TEXT


def test_write_changes_the_file(file: Path) -> None:
    assert main(["document", "some.py::double", "--style", "sphinx", "--write"]) == 0
    assert ":param x: It." in file.read_text()


def test_json(file: Path, capsys: Captured) -> None:
    assert main(["document", "some.py::double", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["kind"], data["results"][0]["examples"]) == ("documented", 1)
    assert data["patch"].startswith("--- a/some.py")


def test_an_unknown_name_is_refused(file: Path, capsys: Captured) -> None:
    assert main(["document", "some.py::dubble"]) == 2
    assert "did you mean 'double'?" in capsys.readouterr().err


def test_types_are_those_that_the_tests_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("LLM_REVIEW_PYTHON", sys.executable)
    monkeypatch.setattr(desk, "choose", lambda *_: FakeProvider([DOUBLE, "3)", "{", "{"]))
    code = TEXT + "\n\ndef same(x):\n    return x\n"
    test = (
        "from some import *\n\ndef test_all():\n    for x in (1, 2):\n        double(x), half(x), same(x), same('a')\n"
    )
    repo = Repo(tmp_path / "repo")
    repo.commit({"some.py": code, "test_some.py": test})
    monkeypatch.chdir(repo.root)
    assert main(["document", "some.py", "--types", "--write"]) == 0
    text = (repo.root / "some.py").read_text()
    assert 'def double(x: int) -> int:\n    """Double x.' in text
    assert "def half(x: int) -> float:" in text
    assert "def same(x):" in text
    said = capsys.readouterr().err
    assert "types: x: int, return: int (2 calls in the tests; mypy has nothing against them)" in said
    assert "the code may take others" in said


def test_a_page(file: Path, capsys: Captured) -> None:
    assert main(["document", "some.py::double", "--format", "html"]) == 0
    assert "<li>double: documented, 1 example executed</li>" in capsys.readouterr().out
