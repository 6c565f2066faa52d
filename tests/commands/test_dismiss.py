from __future__ import annotations

import json
from pathlib import Path

import pytest

from reviewer.cli import main
from reviewer.evidence.dismissed import FILE
from tests.conftest import Repo

SLOW = "def f(xs):\n    seen = []\n    for x in xs:\n        if x not in seen:\n            seen.append(x)\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    repo = Repo(tmp_path / "repo")
    (repo.root / "a.py").write_text("X = 1\n")
    repo.git("add", ".")
    repo.git("commit", "-qm", "base")
    (repo.root / "a.py").write_text("X = 1\n" + SLOW)
    repo.git("add", ".")
    monkeypatch.chdir(repo.root)
    return repo


def report(capsys: pytest.CaptureFixture[str], *flags: str) -> dict[str, list[dict[str, str]]]:
    main(["diff", "--staged", "--no-llm", "--no-tests", "--format", "json", *flags])
    found: dict[str, list[dict[str, str]]] = json.loads(capsys.readouterr().out)
    return found


def test_a_dismissed_finding_stays_away_when_its_line_moves(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = report(capsys)["findings"]
    assert main(["dismiss", found["id"], "--because", "three items at most"]) == 0
    assert FILE in capsys.readouterr().out
    (repo.root / "a.py").write_text("import os\n\nprint(os)\nX = 1\n\n\n" + SLOW)
    repo.git("add", "a.py")
    again = report(capsys)
    assert again["findings"] == []
    assert [s["reason"] for s in again["skipped"] if "dismissed" in s["what"]] == ["three items at most"]


def test_an_old_report_is_a_baseline(repo: Repo, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text(json.dumps(report(capsys)))
    assert report(capsys, "--baseline", str(old))["findings"] == []


def test_wrong_use_is_said_and_changes_nothing(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dismiss", "12", "--because", "x"]) == 2
    assert "not the id of a finding" in capsys.readouterr().err
    assert not (repo.root / FILE).exists()


def test_the_terminal_shows_the_id_when_asked(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = report(capsys)["findings"]
    main(["diff", "--staged", "--no-llm", "--no-tests", "-v"])
    assert found["id"] in capsys.readouterr().out
