from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from reviewer import desk
from reviewer.cli import main
from tests.conftest import Repo
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


@pytest.fixture
def branch(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    repo.commit({"some.py": "def double(x):\n    return x * 2\n\n\ndef one():\n    return 1\n"})
    repo.commit({"some.py": "def double(x, by=2):\n    return x * by\n\n\ndef one():\n    # as before\n    return 1\n"})
    monkeypatch.chdir(repo.root)
    return repo


def test_a_change_is_told_by_its_syntax_without_a_model(branch: Repo, capsys: Captured) -> None:
    before = branch.state()
    assert main(["explain", "HEAD~1..HEAD", "--no-llm", "-q"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "What the change does",
        "  some.py::double: parameter `by=2` is new; `return x * by` where `return x * 2` was",
        "  some.py::one: comments or layout alone changed: the syntax tree is the same",
        "",
    ]
    assert branch.state() == before


def test_a_change_as_json(branch: Repo, capsys: Captured) -> None:
    assert main(["explain", "HEAD~1..HEAD", "--no-llm", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [len(e["facts"]) for e in report["explanations"]] == [2, 1]
    assert report["findings"] == []


def test_beside_the_facts_is_what_the_model_says(
    branch: Repo, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ['{"change": "Multiplies by any number."}', '{"change": "Says so."}', "Both."]
    monkeypatch.setattr("reviewer.llm.choose.choose", lambda *_: FakeProvider(said))
    monkeypatch.setattr("reviewer.llm.choose.check", lambda *_: None)
    assert main(["explain", "HEAD~1..HEAD", "-q"]) == 0
    assert "where `return x * 2` was. The model says: Multiplies by any number." in capsys.readouterr().out


def test_what_is_no_change_is_an_error_and_none_is_said(branch: Repo, capsys: Captured) -> None:
    assert main(["explain", "nowhere", "--no-llm"]) == 2
    assert "nowhere" in capsys.readouterr().err
    assert main(["explain", "HEAD..HEAD", "--no-llm"]) == 0
    assert capsys.readouterr().out == "Nothing to review.\n"


def test_a_file_is_not_explained_without_a_model(branch: Repo, capsys: Captured) -> None:
    assert main(["explain", "some.py", "--no-llm"]) == 2
    assert "told by a model" in capsys.readouterr().err


def test_of_what_the_tools_find_nothing_is_told(branch: Repo, capsys: Captured) -> None:
    branch.commit({"some.py": "import os\n\n\ndef double(x, by=2):\n    return eval(x) * by\n"})
    assert main(["explain", "HEAD~1..HEAD", "--no-llm", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["findings"], report["exit_code"]) == ([], 0)
