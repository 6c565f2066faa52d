"""What is GitLab's alone; the rest of a merge request's life is in test_life."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any

import pytest

from reviewer.errors import ForgeError
from reviewer.forge.gitlab import GitLab as OnGitLab
from tests.forge.gitlab_server import GitLab
from tests.forge.server import served
from tests.forge.test_life import BASE, EVENTS, HEAD, TEXT, change, finding, publish, review


@pytest.fixture
def hub() -> Iterator[GitLab]:
    with served(GitLab(HEAD, BASE, TEXT)) as one:
        yield one


def test_a_diff_that_is_not_ready_is_waited_for(hub: GitLab) -> None:
    hub.ready = False
    with pytest.raises(ForgeError, match="the merge request's diff is not ready"):
        publish(hub, review(finding(12)), (0.0,))
    assert hub.requests.count("GET /api/v4/projects/12/merge_requests/7") == 2


def test_a_comment_that_is_refused_does_not_keep_back_the_others(hub: GitLab) -> None:
    hub.text = [*TEXT[:30], "changed since"]
    assert publish(hub, review(finding(50), finding(12))) == "1 new comment, 0 threads resolved"
    assert hub.places() == [12]
    hub.text = TEXT
    assert publish(hub, review(finding(50), finding(12))) == "1 new comment, 0 threads resolved"


def test_a_system_note_is_none_of_ours(hub: GitLab) -> None:
    publish(hub, review(finding(12)))
    hub.discussions[0]["notes"][0]["system"] = True
    hub.discussions.append({"id": "0", "individual_note": True, "notes": []})
    hub.discussions.pop(1)
    assert publish(hub, review(finding(12))) == "1 new comment, 0 threads resolved"


def test_without_its_client_the_hint_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    there = builtins.__import__

    def missing(name: str, *words: Any) -> Any:
        if name == "gitlab":
            raise ImportError(name)
        return there(name, *words)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ForgeError, match="python-gitlab is not installed") as raised:
        OnGitLab(EVENTS[GitLab], change(), "secret")
    assert "llm-review[gitlab]" in raised.value.hint
