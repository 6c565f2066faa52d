from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewer.errors import UsageError
from reviewer.forge.event import Event, read_event

A, B, NONE = "a" * 40, "b" * 40, "0" * 40
REPOSITORY = {"full_name": "o/r", "default_branch": "main"}


def pull(source: str | None = "o/r", head: str = B) -> dict[str, Any]:
    repo = {"full_name": source} if source else None
    return {"number": 7, "base": {"sha": A}, "head": {"sha": head, "repo": repo}}


def read(tmp_path: Path, name: str, event: object, **env: str) -> Event:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event))
    return read_event({"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)} | env)


@pytest.mark.parametrize(("source", "fork"), [("o/r", False), ("x/r", True), (None, True)])
def test_a_pull_request(tmp_path: Path, source: str | None, fork: bool) -> None:
    event = read(tmp_path, "pull_request", {"repository": REPOSITORY, "pull_request": pull(source)})
    assert event == Event("pull_request", "o/r", A, B, number=7, fork=fork)
    event = read(tmp_path, "pull_request_target", {"repository": REPOSITORY, "pull_request": pull(source)})
    assert event.untrusted


def test_a_push_and_a_new_branch(tmp_path: Path) -> None:
    event = read(tmp_path, "push", {"repository": REPOSITORY, "before": A, "after": B})
    assert event == Event("push", "o/r", A, B, default="main")
    assert read(tmp_path, "push", {"repository": REPOSITORY, "before": NONE, "after": B}).base == ""


def test_a_merge_queue_and_a_run_by_hand(tmp_path: Path) -> None:
    group = {"merge_group": {"base_sha": A, "head_sha": B}, "repository": REPOSITORY}
    assert read(tmp_path, "merge_group", group) == Event("merge_group", "o/r", A, B)
    assert read(tmp_path, "workflow_dispatch", {"repository": REPOSITORY}, GITHUB_SHA=B).head == B


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("issue_comment", {"repository": REPOSITORY}),
        ("pull_request", {"repository": REPOSITORY}),
        ("pull_request", {"repository": {"full_name": "o/r/../x"}, "pull_request": pull()}),
        ("pull_request", {"repository": REPOSITORY, "pull_request": pull(head="--output=x")}),
        ("push", {"repository": REPOSITORY | {"default_branch": "-x"}, "before": A, "after": B}),
        ("push", []),
    ],
)
def test_what_cannot_be_reviewed_is_refused(tmp_path: Path, name: str, event: object) -> None:
    with pytest.raises(UsageError):
        read(tmp_path, name, event)


GITLAB = {
    "GITLAB_CI": "true",
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_PROJECT_ID": "12",
    "CI_DEFAULT_BRANCH": "main",
    "CI_COMMIT_SHA": B,
    "CI_COMMIT_BEFORE_SHA": NONE,
    "CI_MERGE_REQUEST_PROJECT_ID": "12",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "12",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA": A,
    "CI_MERGE_REQUEST_IID": "7",
}


def test_a_merge_request() -> None:
    assert read_event(GITLAB) == Event("merge_request_event", "12", A, B, number=7, gitlab=True)
    assert read_event(GITLAB | {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "13"}).fork
    merged = GITLAB | {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "c" * 40}
    assert read_event(merged).head == "c" * 40
    assert read_event(GITLAB | {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": ""}).head == B


def test_a_pipeline_without_a_merge_request() -> None:
    push = GITLAB | {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BEFORE_SHA": A}
    assert read_event(push) == Event("push", "12", A, B, default="main", gitlab=True)
    assert read_event(push | {"CI_COMMIT_BEFORE_SHA": NONE}).base == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"CI_MERGE_REQUEST_IID": "7/../8"},
        {"CI_MERGE_REQUEST_PROJECT_ID": "a/b"},
        {"CI_COMMIT_SHA": "--output=x"},
        {"CI_MERGE_REQUEST_DIFF_BASE_SHA": ""},
        {"CI_PIPELINE_SOURCE": "push", "CI_DEFAULT_BRANCH": "-x"},
    ],
)
def test_variables_that_are_not_what_gitlab_sets_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="GitLab's variables"):
        read_event(GITLAB | wrong)


def test_outside_a_workflow(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no GitHub workflow"):
        read_event({})
    with pytest.raises(UsageError, match="cannot read the event"):
        read_event({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "none")})
