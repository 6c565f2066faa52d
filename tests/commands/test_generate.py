from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from reviewer import desk
from reviewer.cli import main
from tests.fakes import FakeProvider

ADD = 'def add(a: int, b: int) -> int:\n    """Add."""\n    return a + b\n'
ASSERTIONS = "1, 2) == 3\nassert add(0, 0) == 0\nassert add(-1, 1) == 0"
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def provider(monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    fake = FakeProvider([ADD, (ADD, ADD, ADD), ASSERTIONS])
    monkeypatch.setattr(desk, "choose", lambda *_: fake)
    monkeypatch.setenv("LLM_REVIEW_PYTHON", sys.executable)
    return fake


def test_the_code_goes_to_standard_output_and_what_is_known_of_it_to_standard_error(
    capsys: Captured, provider: FakeProvider
) -> None:
    assert main(["generate", "写一个函数计算两个数的和"]) == 0
    said = capsys.readouterr()
    assert said.out == ADD
    assert said.err.splitlines()[0] == "checked"
    assert "4 of 4 versions that the model wrote answer alike" in said.err
    assert "写一个函数计算两个数的和" in provider.requests[0].prompt
    assert provider.closed


def test_an_example_that_does_not_hold_is_said_and_is_exit_code_1(capsys: Captured) -> None:
    assert main(["generate", "add", "--examples", "add(1, 1) == 3"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("NOT CHECKED: no version meets every example")
    assert "0 of 1 example hold" in said.err


def test_a_file_is_written_and_only_replaced_when_asked(tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "add.py"
    out.write_text("mine\n")
    assert main(["generate", "add", "--out", str(out)]) == 2
    assert "replace it with --write" in capsys.readouterr().err
    assert out.read_text() == "mine\n"
    assert main(["generate", "add", "--out", str(out), "--write"]) == 0
    assert out.read_text() == ADD
    assert capsys.readouterr().out == ""


def test_json_has_the_code_and_the_counts(capsys: Captured) -> None:
    assert main(["generate", "add", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["version"], data["kind"], data["code"], data["checked"]) == (1, "generated", ADD, True)
    assert (data["samples"], data["agreed"], data["held"]) == (4, 4, 3)


def test_run_executes_it_once_more_and_shows_how_it_ends(capsys: Captured) -> None:
    assert main(["generate", "add", "--run"]) == 0
    assert "3 assertions hold" in capsys.readouterr().err


def test_no_description_is_an_error(capsys: Captured) -> None:
    assert main(["generate", "  "]) == 2
    assert "there is no description" in capsys.readouterr().err
