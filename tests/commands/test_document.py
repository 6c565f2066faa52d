from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from reviewer import desk
from reviewer.cli import main
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
    assert "half: left as it is" in said.err
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
