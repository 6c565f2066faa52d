"""What the settings of the base leave out of a review, and what the change cannot leave out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reviewer.cli import main
from reviewer.errors import ExitCode

from .conftest import Repo

SHELL = 'import subprocess\n\n\ndef run(x):\n    subprocess.run("ls " + x, shell=True, check=True)\n'


@pytest.fixture(autouse=True)
def _here(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_REVIEW_LLM", "false")
    monkeypatch.setenv("LLM_REVIEW_TESTS", "false")
    monkeypatch.chdir(repo.root)


def reviewed(
    repo: Repo, capsys: pytest.CaptureFixture[str], settings: str, files: dict[str, str | bytes]
) -> tuple[int, dict[str, Any]]:
    """The exit code and report of a change that adds files to a repository with these settings."""
    repo.commit({"pyproject.toml": f"[tool.llm-review]\n{settings}\n"})
    for path, text in files.items():
        repo.write(path, text)
    repo.stage()
    code = main(["diff", "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def reasons(report: dict[str, Any]) -> dict[str, str]:
    return {one["what"]: one["reason"] for one in report["skipped"]}


def test_excluded_files_are_named_and_not_reviewed(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    files: dict[str, str | bytes] = {"tools/deep/run.py": SHELL, "kept.py": SHELL, "tools/keep/run.py": SHELL}
    code, report = reviewed(repo, capsys, 'exclude = ["tools/*", "!tools/keep/"]', files)
    assert code == ExitCode.BLOCKED
    assert {f["path"] for f in report["findings"]} == {"kept.py", "tools/keep/run.py"}
    assert reasons(report) == {"tools/deep/run.py": "excluded in the settings"}
    assert report["complete"]


def test_a_file_that_moves_to_an_excluded_place_is_reviewed(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    filler = "".join(f"X{n} = {n}\n" for n in range(30))
    repo.commit({"run.py": filler, "pyproject.toml": '[tool.llm-review]\nexclude = ["tools"]\n'})
    (repo.root / "run.py").unlink()
    repo.write("tools/run.py", filler + SHELL)
    repo.stage()
    code = main(["diff", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert (code, {f["path"] for f in report["findings"]}) == (ExitCode.BLOCKED, {"tools/run.py"})


def test_the_change_cannot_exclude_itself(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    files: dict[str, str | bytes] = {"pyproject.toml": '[tool.llm-review]\nexclude = ["*"]\n', "run.py": SHELL}
    code, report = reviewed(repo, capsys, "", files)
    assert code == ExitCode.BLOCKED
    assert "run.py" in {f["path"] for f in report["findings"]}


def test_a_rule_is_louder_quieter_or_off(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    setting = '[tool.llm-review.severity]\n"bandit/B602" = "note"\n"ruff/F401" = "off"'
    code, report = reviewed(repo, capsys, setting, {"run.py": "import os\n" + SHELL})
    assert code == ExitCode.OK
    assert [(f["rule_id"], f["severity"], f["blocking"]) for f in report["findings"]] == [
        ("bandit/B602", "note", False)
    ]
    assert reasons(report)["1 of ruff/F401"] == "off in the settings"


def test_nor_can_it_silence_a_rule(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    own = '[tool.llm-review]\nseverity = ["* = off"]\n'
    code, _ = reviewed(repo, capsys, "", {"pyproject.toml": own, "run.py": SHELL})
    assert code == ExitCode.BLOCKED


def test_what_is_no_pattern_is_wrong_use(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.commit({"pyproject.toml": '[tool.llm-review]\nexclude = ["!"]\n'})
    repo.write("run.py", SHELL)
    repo.stage()
    assert main(["diff"]) == ExitCode.USAGE
    assert "'exclude' has what is no pattern" in capsys.readouterr().err


def test_a_task_that_is_left_out_is_said(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    _, report = reviewed(repo, capsys, 'tasks = ["explain", "fix"]', {"run.py": SHELL})
    assert reasons(report)["behaviour, find"] == "left out in the settings"
    assert report["complete"]
