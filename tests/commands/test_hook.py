"""The hook, its deadline, and what finishes in the background."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer import later, store
from reviewer.cli import main
from tests.conftest import Repo

CLEAN = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
UNDEFINED = "def add(a, b):\n    return a + c\n"
TEST = "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
# Sleeps until a file is there: nothing depends on how fast the machine is.
WAITING = """import pathlib, time
from calc import add


def test_add():
    while not pathlib.Path({gate!r}).exists():
        time.sleep(0.05)
    assert add(1, 2) == 3
"""


@pytest.fixture
def here(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Repo:
    monkeypatch.setenv("LLM_REVIEW_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("LLM_REVIEW_LLM", "false")
    monkeypatch.setenv("LLM_REVIEW_PYTHON", sys.executable)
    monkeypatch.setenv("LLM_REVIEW_SANDBOX", "none")
    repo.commit({"calc.py": CLEAN, "test_calc.py": TEST})
    monkeypatch.chdir(repo.root)
    return repo


def _place(repo: Repo) -> Path:
    return store.folder(repo.root / ".git")


def _until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_one_line_when_nothing_is_wrong(here: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    here.write("calc.py", CLEAN + "\n\ndef double(a):\n    return add(a, a)\n")
    here.stage()
    before = here.state()
    assert main(["hook"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("llm-review: Clean: 1 file")
    assert (out.count("\n"), err) == (1, "")
    assert here.state() == before


def test_what_is_wrong_is_shown_and_blocks(here: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    here.write("calc.py", WRONG)
    here.stage()
    here.write("calc.py", CLEAN)
    assert main(["hook", "--no-tests"]) == 0
    assert main(["hook"]) == 1
    assert "test_add passed before the change and fails with it" in capsys.readouterr().out.replace("\n", " ")


def test_during_commit_a_the_index_to_be_is_reviewed(here: Repo) -> None:
    place = here.root / ".git" / "hooks" / "pre-commit"
    place.write_text(f"#!/bin/sh\nexec {sys.executable} -P -m reviewer hook --no-tests\n")
    place.chmod(0o755)
    here.write("calc.py", UNDEFINED)
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-a", "-m", "x"],
        cwd=here.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "F821" in done.stdout + done.stderr


def test_a_report_that_was_asked_for_is_alone_on_standard_output(
    here: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    here.write("calc.py", UNDEFINED)
    here.stage()
    assert main(["hook", "--no-tests", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["rule_id"] == "ruff/F821"


def test_at_the_deadline_what_is_proved_is_shown_and_the_rest_finishes_in_the_background(
    here: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLM_REVIEW_BACKGROUND", "true")
    monkeypatch.setenv("LLM_REVIEW_HOOK_DEADLINE", "4")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    gate = tmp_path / "gate"
    here.commit({"test_calc.py": WAITING.format(gate=str(gate))})
    here.write("calc.py", UNDEFINED.replace("def", "# new\ndef"))
    here.stage()
    before = here.state()
    assert main(["hook"]) == 1
    out = capsys.readouterr().out
    assert "F821" in out
    assert "deadline" in out
    assert "goes on in the background: llm-review show" in out
    assert later.is_running(_place(here))

    gate.touch()
    _until(lambda: not later.is_running(_place(here)))
    assert main(["show"]) == 1
    shown = capsys.readouterr().out
    assert "passed before the change and fails with it" in shown.replace("\n", " ")
    assert "deadline" not in shown
    assert here.state() == before
    left = [path.name for path in _place(here).iterdir() if path.name.startswith(("objects", "order"))]
    assert left == []

    assert main(["hook"]) == 1
    assert "passed before the change and fails with it" in capsys.readouterr().out.replace("\n", " ")


def test_a_newer_review_takes_the_place_of_one_in_the_background(
    here: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_REVIEW_BACKGROUND", "true")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    gate = tmp_path / "gate"
    here.commit({"test_calc.py": WAITING.format(gate=str(gate))})
    for number in (1, 2):
        here.write("calc.py", f"# {number}\n{WRONG}")
        here.stage()
        main(["hook", "--deadline", "3"])
    gate.touch()
    _until(lambda: not later.is_running(_place(here)))
    ended = [kept for kept in store.every(_place(here)) if kept.background]
    assert [kept.review.head for kept in ended] == [here.git("write-tree")]


def test_the_next_run_presents_what_finished_meanwhile(
    here: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here.write("calc.py", UNDEFINED)
    here.stage()
    main(["hook", "--no-tests"])
    (kept,) = store.every(_place(here))
    store.save(_place(here), replace(kept, background=True, seen=False))
    here.write("calc.py", CLEAN)
    here.write("other.py", "x = 1\n")
    here.stage()
    capsys.readouterr()
    assert main(["hook", "--no-tests"]) == 0
    out = capsys.readouterr().out
    assert "staged changes, finished in the background just now: 1 finding" in out
    main(["hook", "--no-tests"])
    assert "finished in the background" not in capsys.readouterr().out


def test_without_the_model_it_is_fetched_in_the_background(
    here: Repo, models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLM_REVIEW_LLM", "true")
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr("reviewer.process.detach", lambda argv, **_: started.append(tuple(argv)))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: True)
    here.write("calc.py", CLEAN + "\n\ndef double(a):\n    return add(a, a)\n")
    here.stage()
    assert main(["hook", "--no-tests"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "is being fetched in the background" in out
    assert [argv[-3:] for argv in started] == [("model", "pull", "qwen2.5-coder-1.5b")]


def test_nothing_to_show(here: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show"]) == 2
    assert "there is no review of this repository yet" in capsys.readouterr().err


def test_stop_ends_what_goes_on_in_the_background(
    here: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLM_REVIEW_BACKGROUND", "true")
    here.commit({"test_calc.py": WAITING.format(gate=str(tmp_path / "gate"))})
    here.write("calc.py", WRONG)
    here.stage()
    main(["hook", "--deadline", "3"])
    capsys.readouterr()
    assert main(["stop"]) == 0
    assert "1 review in the background ended" in capsys.readouterr().out
    _until(lambda: not any(path.name.startswith("objects") for path in _place(here).iterdir()))
    assert not any(kept.background for kept in store.every(_place(here)))


def test_what_was_dismissed_since_is_not_shown_out_of_the_kept_review(
    here: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here.write("calc.py", UNDEFINED)
    here.stage()
    assert main(["hook", "--no-tests"]) == 1
    (kept,) = store.every(_place(here))
    store.save(_place(here), replace(kept, background=True))
    assert main(["hook", "--no-tests"]) == 1
    assert "reviewed in the background just now" in capsys.readouterr().out
    marks = {finding.fingerprint: "known" for finding in kept.review.findings}
    for module in ("reviewer.evidence.dismissed", "reviewer.conduct"):
        monkeypatch.setattr(f"{module}.dismissed_for", lambda *_: marks)
    assert main(["hook", "--no-tests"]) == 0
