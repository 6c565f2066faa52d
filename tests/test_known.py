"""A second review of the same change: what is shown again, and what is made anew."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from reviewer import store
from reviewer.cli import main

from .conftest import Repo

TEST = "from calc import add\n\n\ndef test_add():\n    open(r'{runs}', 'a').write('x')\n    assert add(1, 2) == 3\n"


@pytest.fixture
def runs(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file that has a letter for every run of the test; the change is staged and right."""
    for name, value in {"STATE_DIR": str(tmp_path / "state"), "LLM": "false", "PYTHON": sys.executable}.items():
        monkeypatch.setenv(f"LLM_REVIEW_{name}", value)
    monkeypatch.setenv("LLM_REVIEW_SANDBOX", "none")
    monkeypatch.delenv("CI", raising=False)
    found = tmp_path / "runs"
    repo.commit({"calc.py": "def add(a, b):\n    return a + b\n", "test_calc.py": TEST.format(runs=found)})
    repo.write("calc.py", "def add(a, b):\n    return b + a\n")
    repo.stage()
    monkeypatch.chdir(repo.root)
    return found


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def test_nothing_is_executed_again_and_that_is_said(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff"]) == 0
    executed, first = _size(runs), capsys.readouterr().out
    assert executed > 0
    assert main(["diff"]) == 0
    second = capsys.readouterr().out
    assert _size(runs) == executed
    assert "nothing has changed since" not in first
    assert "nothing has changed since" in second
    assert "1 test passes" in second
    assert main(["diff", "--format", "json"]) == 0
    receipt = json.loads(capsys.readouterr().out)["receipt"]
    assert receipt["made"].startswith("20")
    assert receipt["commands"]


def test_the_hook_takes_over_what_a_review_by_hand_said(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["diff"])
    executed = _size(runs)
    capsys.readouterr()
    assert main(["hook"]) == 0
    assert "(reviewed just now)" in capsys.readouterr().out
    assert _size(runs) == executed


def _other_paths(_: Repo) -> list[str]:
    return ["diff", "--staged", "calc.py"]


def _another_change(repo: Repo) -> list[str]:
    repo.write("calc.py", "def add(a, b):\n    return (b + a)\n")
    repo.stage()
    return ["diff"]


def _a_package(repo: Repo) -> list[str]:
    (repo.root / ".venv/lib/python3.12/site-packages/new").mkdir(parents=True)
    return ["diff"]


def _an_hour_later(repo: Repo) -> list[str]:
    place = store.folder(repo.root / ".git")
    for file in place.glob("review-*.json"):
        known = json.loads(file.read_text())
        file.write_text(json.dumps(known | {"time": time.time() - 3700}))
    return ["diff"]


def _in_ci(_: Repo) -> list[str]:
    os.environ["CI"] = "true"
    return ["diff"]


def _another_path(_: Repo) -> list[str]:
    os.environ["PATH"] = f"/nowhere{os.pathsep}{os.environ['PATH']}"
    return ["diff"]


ANEW = {
    "asked for": lambda _: ["diff", "--no-cache"],
    "other settings": lambda _: ["diff", "--test-timeout", "50"],
    "other paths": _other_paths,
    "another change": _another_change,
    "a package was installed": _a_package,
    "an hour later": _an_hour_later,
    "in CI": _in_ci,
    "another PATH": _another_path,
}


@pytest.mark.parametrize("why", ANEW)
def test_the_tests_run_again(runs: Path, repo: Repo, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    monkeypatch.setenv("CI", "")
    monkeypatch.setenv("PATH", os.environ["PATH"])
    main(["diff"])
    executed = _size(runs)
    assert main(ANEW[why](repo)) == 0
    assert _size(runs) > executed


def test_what_blocks_is_proved_again(runs: Path, repo: Repo) -> None:
    repo.write("calc.py", "def add(a, b):\n    return b - a\n")
    repo.stage()
    assert main(["diff"]) == 1
    executed = _size(runs)
    assert main(["diff"]) == 1
    assert _size(runs) > executed


def test_what_was_not_complete_is_made_again(runs: Path, repo: Repo) -> None:
    repo.write("data.py", b"\0")
    repo.stage()
    assert main(["diff"]) == 0
    executed = _size(runs)
    assert main(["diff"]) == 0
    assert _size(runs) > executed


def test_a_dismissal_counts_at_once_and_so_does_its_end(
    runs: Path, repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write("calc.py", "import os\n\n\ndef add(a, b):\n    return b + a\n")
    repo.stage()
    shown: list[str] = []
    for step in ("found", "dismissed", "found again"):
        if step == "dismissed":
            main(["dismiss", shown[0], "--because", "it is wanted"])
        if step == "found again":
            (repo.root / ".llm-review-dismissed.toml").unlink()
        capsys.readouterr()
        assert main(["diff", "--staged", "--format", "json"]) == 0
        found = json.loads(capsys.readouterr().out)["findings"]
        assert bool(found) == (step != "dismissed")
        shown += [f["id"] for f in found]
    assert _size(runs)
