"""Pull requests of strangers, and the token that a workflow holds."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewer import spawn
from reviewer.commands import ci
from reviewer.forge.event import Event, read_event
from tests.forge.server import GitHub, served

from .corpus import CLEAN, FLAW, Said, Target

TOKEN = "ghs_thisIsTheTokenOfTheWorkflow0123456789"


class Workflow:
    """A checkout in which a pull request of a fork is reviewed; its test leaves a file behind when it is run."""

    def __init__(self, target: Target, folder: Path, python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.target, self.folder, self.python, self._patch = target, folder, python, monkeypatch
        self.marker = folder / "executed"
        self.base = target.repo.commit({"m.py": CLEAN})
        target.repo.git("checkout", "-q", "-b", "topic")
        steals = (
            f"from m import add\n\n\ndef test_add():\n    open({str(self.marker)!r}, 'w').close()\n    assert add\n"
        )
        self.head = target.repo.commit({"m.py": FLAW, "test_m.py": steals})
        for name in ("LLM_REVIEW_TOKEN", "GITHUB_API_URL", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def on(self, name: str) -> None:
        pull = {"number": 7, "base": {"sha": self.base}, "head": {"sha": self.head, "repo": {"full_name": "evil/r"}}}
        event = {"repository": {"full_name": "o/r", "default_branch": "main"}, "pull_request": pull}
        (self.folder / "event.json").write_text(json.dumps(event))
        self._patch.setenv("GITHUB_EVENT_NAME", name)
        self._patch.setenv("GITHUB_EVENT_PATH", str(self.folder / "event.json"))

    def ci(self, *words: str) -> Said:
        python = ("--python", str(self.python), "--sandbox", "none")
        return self.target.run("ci", "--no-llm", *python, "--format", "json", *words)


@pytest.fixture
def workflow(target: Target, tmp_path: Path, lean: Path, monkeypatch: pytest.MonkeyPatch) -> Workflow:
    return Workflow(target, tmp_path, lean, monkeypatch)


def test_a_checkout_of_a_strangers_head_beside_secrets_is_refused(workflow: Workflow) -> None:
    workflow.on("pull_request_target")
    said = workflow.ci()
    assert (said.code, said.out) == (2, "")
    assert "a stranger's code beside this repository's secrets" in said.err
    assert not workflow.marker.exists()


def test_beside_a_checkout_of_the_base_the_head_is_data(workflow: Workflow) -> None:
    workflow.target.repo.git("checkout", "-q", "main")
    workflow.on("pull_request_target")
    said = workflow.ci()
    assert said.code == 1
    assert not workflow.marker.exists()
    assert not said.report["complete"]


def test_were_it_an_event_like_any_other_the_strangers_code_would_run(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(env: Mapping[str, str]) -> Event:
        return replace(read_event(env), untrusted=False)

    monkeypatch.setattr(ci, "read_event", careless)
    workflow.on("pull_request_target")
    workflow.ci()
    assert workflow.marker.exists()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that any process is given in arguments and environment, but for git's, which goes through its own door."""
    heard: list[str] = []
    real = spawn._begin

    def begin(argv: Sequence[str], cwd: Path | None, env: Mapping[str, str], feed: bool) -> subprocess.Popen[bytes]:
        heard.extend([*argv, *env.values()])
        return real(argv, cwd, env, feed)

    monkeypatch.setattr(spawn, "_begin", begin)
    return heard


def _posted(workflow: Workflow, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[Said, list[Any]]:
    workflow.on("pull_request")
    with served(GitHub(workflow.head, {"m.py": {1, 2}})) as hub:
        monkeypatch.setenv("LLM_REVIEW_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_API_URL", hub.address)
        said = workflow.ci(*words)
        return said, list(hub.requests)


def test_the_token_goes_to_the_forge_and_nowhere_else(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    pytest.importorskip("github")
    said, requests = _posted(workflow, monkeypatch)
    assert requests, "nothing was posted"
    assert told
    assert not any(TOKEN in word for word in told)
    assert TOKEN not in said.out + said.err + (workflow.target.repo.root / ".git" / "config").read_text()
    assert workflow.marker.exists()


def test_a_token_that_is_left_in_the_environment_is_handed_on(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    monkeypatch.setattr(ci, "TOKEN", "ANOTHER_NAME")
    _posted(workflow, monkeypatch, "--no-tests", "--no-post")
    assert any(TOKEN in word for word in told)
