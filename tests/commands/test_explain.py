from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from reviewer import desk
from reviewer.cli import main
from tests.fakes import FakeProvider

SAID = (
    '{"purpose": "double x", "parameters": {"x": "it"}, "returns": "twice x", "effects": "none", "complexity": "O(1)"}'
)
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_REVIEW_PYTHON", sys.executable)
    monkeypatch.setattr(desk, "choose", lambda *_: FakeProvider([SAID, "3)"]))
    monkeypatch.chdir(tmp_path)
    Path("some.py").write_text("def double(x):\n    return x * 2\n")


def test_a_person_reads_it(capsys: Captured) -> None:
    assert main(["explain", "some.py::double"]) == 0
    assert "  executed: double(3) -> 6" in capsys.readouterr().out


def test_json(capsys: Captured) -> None:
    assert main(["explain", "some.py", "--format", "json"]) == 0
    result = json.loads(capsys.readouterr().out)["results"][0]
    assert (result["name"], result["examples"][0]["value"]) == ("double", "6")
