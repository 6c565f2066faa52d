"""A whole review by a model behind HTTP: what is sent, what is not, and what is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewer.cli import main
from tests.conftest import Repo
from tests.llm.chatserver import ChatServer, Says

ANSWER = json.dumps({"change": "It adds.", "defects": []})


@pytest.fixture
def server() -> Iterator[ChatServer]:
    made = ChatServer()
    yield made
    made.stop()


@pytest.fixture
def changed(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    repo.commit({"a.py": "def add(a, b):\n    return a\n"})
    repo.write("a.py", 'def add(a, b):\n    password = "hunter2xyz"\n    return a + b\n')
    monkeypatch.chdir(repo.root)
    monkeypatch.setattr("reviewer.settings.user_file", lambda: Path("/nowhere"))
    return repo


def _review(*words: str) -> int:
    return main(["diff", "--no-tests", "--provider", "openai", "--model", "m", *words])


def test_a_second_review_costs_no_token(changed: Repo, server: ChatServer, tmp_path: Path) -> None:
    server.script = [Says((ANSWER,)), Says(("It keeps a password in the code.",))]
    report = tmp_path / "report.json"
    words = ("--base-url", server.url, "--format", f"json={report}")
    _review(*words)
    first = json.loads(report.read_text())
    asked = len(server.bodies)
    _review(*words)
    second = json.loads(report.read_text())
    assert asked == first["receipt"]["cache"]["requests"] >= 1
    assert len(server.bodies) == asked
    assert second["receipt"]["tokens"] == {"prompt": 0, "cached": 0, "completion": 0}
    assert second["receipt"]["cache"]["kept_answers"] == asked
    assert second["explanations"] == first["explanations"] != []


def test_without_kept_answers_all_is_asked_again(changed: Repo, server: ChatServer) -> None:
    for _ in range(2):
        server.script = [Says((ANSWER,))] * 9
        _review("--base-url", server.url, "--no-cache")
    assert len(server.bodies) % 2 == 0


def test_another_machine_is_refused_before_anything_is_done(changed: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert _review("--base-url", "https://elsewhere.example/v1") == 2
    assert "code would be sent to elsewhere.example, and that was not allowed" in capsys.readouterr().err


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(
    changed: Repo, server: ChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _review("--base-url", server.url, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert server.bodies == []
    assert "on this machine" in shown
    assert "return a + b" in shown


def test_a_dry_run_to_another_machine_shows_no_secrets(changed: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert _review("--base-url", "https://elsewhere.example/v1", "--allow-remote", "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "REDACTED_SECRET_1" in shown
    assert "hunter2xyz" not in shown


def test_a_repository_cannot_redirect_its_code(changed: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    changed.commit({"pyproject.toml": '[tool.llm-review]\nbase_url = "http://evil.example"\nallow_remote = true\n'})
    changed.write("a.py", "def add(a, b):\n    return b + a\n")
    assert _review() == 2
    assert "cannot set 'allow_remote'" in capsys.readouterr().err


def test_what_the_budget_does_not_allow_is_left_out_and_said(
    changed: Repo, server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_REVIEW_MAX_TOKENS_PER_REVIEW", "10")
    report = tmp_path / "report.json"
    _review("--base-url", server.url, "--format", f"json={report}")
    assert server.bodies == []
    assert "budget" in {skipped["reason"] for skipped in json.loads(report.read_text())["skipped"]}
