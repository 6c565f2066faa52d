"""`llm-review ci` on real repositories, with the events that GitHub sends."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewer.cli import main
from tests.conftest import IDENTITY, Repo
from tests.forge.gitlab_server import GitLab
from tests.forge.server import GitHub, served

FINE = "def add(a, b):\n    return a + b\n"
BROKEN = "def add(a, b):\n    return a + c\n"
REPOSITORY = {"full_name": "o/r", "default_branch": "main"}


class Workflow:
    """A checkout in which an event has happened."""

    def __init__(self, repo: Repo, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.repo, self.folder, self._patch = repo, folder, monkeypatch
        folder.mkdir()
        monkeypatch.chdir(repo.root)
        for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
            (folder / name).touch()
            monkeypatch.setenv(name, str(folder / name))
        for name in ("LLM_REVIEW_TOKEN", "GITHUB_API_URL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in IDENTITY.items():
            monkeypatch.setenv(name, value)

    def on(self, name: str, event: dict[str, Any]) -> None:
        path = self.folder / "event.json"
        path.write_text(json.dumps({"repository": REPOSITORY} | event))
        self._patch.setenv("GITHUB_EVENT_NAME", name)
        self._patch.setenv("GITHUB_EVENT_PATH", str(path))

    def on_pull(self, base: str, head: str, name: str = "pull_request", source: str = "o/r") -> None:
        pull = {"number": 7, "base": {"sha": base}, "head": {"sha": head, "repo": {"full_name": source}}}
        self.on(name, {"pull_request": pull})

    def ci(self, *words: str) -> int:
        return main(["ci", "--no-llm", "--no-tests", "--quiet", *words])

    def said(self, name: str) -> str:
        return (self.folder / name).read_text()


@pytest.fixture
def workflow(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workflow:
    return Workflow(repo, tmp_path / "runner", monkeypatch)


@pytest.fixture
def commits(repo: Repo) -> tuple[str, str]:
    """A branch with a broken change, checked out, while main went on."""
    start = repo.commit({"m.py": FINE})
    repo.git("checkout", "-q", "-b", "topic")
    head = repo.commit({"m.py": BROKEN})
    repo.git("checkout", "-q", "main")
    base = repo.commit({"other.py": BROKEN})
    repo.git("checkout", "-q", "topic")
    assert start != base
    return base, head


def test_a_pull_request_is_reviewed_from_where_it_left(
    workflow: Workflow, commits: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow.on_pull(*commits)
    assert workflow.ci("--format", f"sarif={tmp_path / 'x.sarif'}") == 1
    said = capsys.readouterr()
    assert said.out.startswith("::error file=m.py,line=2,endLine=2,title=llm-review%3A ruff/F821::")
    assert "other.py" not in said.out
    assert "LLM_REVIEW_TOKEN is not set" in said.err
    assert "`m.py:2`" in workflow.said("GITHUB_STEP_SUMMARY")
    assert workflow.said("GITHUB_OUTPUT") == "findings=1\nblocking=1\ncomplete=true\n"
    assert len(json.loads((tmp_path / "x.sarif").read_text())["runs"][0]["results"]) == 1


def test_it_comments_on_the_pull_request_and_hands_the_token_to_nobody(
    workflow: Workflow, commits: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow.on_pull(*commits)
    with served(GitHub(commits[1], {"m.py": {1, 2}})) as hub:
        monkeypatch.setenv("LLM_REVIEW_TOKEN", "secret")
        monkeypatch.setenv("GITHUB_API_URL", hub.address)
        assert workflow.ci() == 1
        assert "LLM_REVIEW_TOKEN" not in os.environ
        assert [c["line"] for c in hub.reviews[0]["comments"]] == [2]
        monkeypatch.setenv("LLM_REVIEW_TOKEN", "secret")
        assert workflow.ci("--no-post") == 1
        assert len(hub.requests) == 3


def test_a_fork_whose_token_may_only_read_gets_the_rest(
    workflow: Workflow, commits: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow.on_pull(*commits, source="stranger/r")
    with served(GitHub(commits[1], {"m.py": {1, 2}}, writable=False)) as hub:
        monkeypatch.setenv("LLM_REVIEW_TOKEN", "secret")
        monkeypatch.setenv("GITHUB_API_URL", hub.address)
        assert workflow.ci() == 1
    said = capsys.readouterr()
    assert "::error file=m.py" in said.out
    assert "no comments on the pull request: GitHub refused: 403" in said.err
    assert workflow.said("GITHUB_STEP_SUMMARY")


@pytest.fixture
def lab(workflow: Workflow, commits: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLab]:
    """A job of GitLab for a merge request."""
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.delenv(name)
    with served(GitLab(commits[1], FINE.splitlines(), BROKEN.splitlines())) as one:
        variables = {
            "GITLAB_CI": "true",
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_SERVER_URL": one.address,
            "CI_COMMIT_SHA": commits[1],
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": commits[0],
            "CI_MERGE_REQUEST_PROJECT_ID": "12",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "12",
            "CI_MERGE_REQUEST_IID": "7",
            "LLM_REVIEW_TOKEN": "secret",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield one


def test_a_merge_request_gets_comments_and_a_code_quality_report(
    workflow: Workflow, lab: GitLab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "gl-code-quality-report.json"
    assert workflow.ci("--format", f"gitlab={report}") == 1
    assert "LLM_REVIEW_TOKEN" not in os.environ
    assert lab.places() == [2]
    assert "`m.py:2`" in lab.summaries()[0]
    assert [issue["location"]["path"] for issue in json.loads(report.read_text())] == ["m.py"]
    said = capsys.readouterr()
    assert "error  m.py:2  ruff/F821" in said.out
    assert "1 new comment" in said.err


def test_a_merge_request_of_a_fork_gets_the_reports_alone(
    workflow: Workflow, lab: GitLab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.writable = False
    assert workflow.ci() == 1
    assert "no comments on the merge request: GitLab refused: 403" in capsys.readouterr().err
    assert workflow.ci() == 1  # the token is gone with the first run
    said = capsys.readouterr()
    assert "error  m.py:2" in said.out
    assert "no comments on the merge request: LLM_REVIEW_TOKEN is not set" in said.err


def test_the_trap_is_refused(
    workflow: Workflow, commits: tuple[str, str], repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow.on_pull(*commits, name="pull_request_target")
    assert workflow.ci() == 2
    repo.git("checkout", "-q", "--detach", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    assert workflow.ci() == 2
    assert capsys.readouterr().err.count("a stranger's code beside this repository's secrets") == 2


def test_beside_a_checkout_of_the_base_the_head_is_only_read(
    workflow: Workflow, commits: tuple[str, str], repo: Repo, tmp_path: Path
) -> None:
    repo.write("tests/test_m.py", f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()\nimport m\n")
    head = repo.commit(message="a test that runs code")
    repo.git("checkout", "-q", "main")
    workflow.on_pull(commits[0], head, name="pull_request_target")
    report = tmp_path / "r.json"
    assert main(["ci", "--no-llm", "--quiet", "--sandbox", "none", "--format", f"json={report}"]) == 1
    made = json.loads(report.read_text())
    assert next(s["reason"] for s in made["skipped"] if s["what"] == "tests").startswith("pull_request_target")
    assert not made["complete"]
    assert not (tmp_path / "ran").exists()


def test_pushes(workflow: Workflow, commits: tuple[str, str], repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    base, head = commits
    workflow.on("push", {"before": repo.git("rev-parse", f"{head}^"), "after": head})
    assert workflow.ci() == 1
    repo.git("update-ref", "refs/remotes/origin/main", base)
    workflow.on("push", {"before": "0" * 40, "after": head})
    assert workflow.ci() == 1
    workflow.on("push", {"before": "d" * 40, "after": head})
    assert workflow.ci() == 1
    assert "other.py" not in capsys.readouterr().out
    workflow.on("push", {"before": "0" * 40, "after": repo.git("rev-parse", "main")})
    repo.git("update-ref", "-d", "refs/remotes/origin/main")
    assert workflow.ci() == 1
    assert "other.py" in capsys.readouterr().out


def test_the_first_push_of_all(workflow: Workflow, repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    head = repo.commit({"m.py": BROKEN})
    workflow.on("push", {"before": "0" * 40, "after": head})
    assert workflow.ci() == 1
    assert "file=m.py" in capsys.readouterr().out


def test_a_base_can_be_named_where_the_event_has_none(
    workflow: Workflow, commits: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow.on("workflow_dispatch", {})
    monkeypatch.setenv("GITHUB_SHA", commits[1])
    assert workflow.ci() == 2
    assert "give --base" in capsys.readouterr().err
    assert workflow.ci("--base", "main") == 1


def test_a_shallow_checkout_is_explained(
    workflow: Workflow, commits: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], repo: Repo,
) -> None:  # fmt: skip
    repo.git("clone", "-q", "--depth", "1", "--branch", "topic", f"file://{repo.root}", str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    workflow.on_pull(*commits)
    assert workflow.ci() == 2
    assert "fetch-depth: 0" in capsys.readouterr().err
