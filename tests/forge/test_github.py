"""A pull request's life, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from reviewer.change.change import Change, FileChange, Hunk, Status
from reviewer.errors import ForgeError
from reviewer.finding import Finding, Location, Proof, Suggestion, Verdict
from reviewer.forge import github as forge
from reviewer.forge.event import Event
from reviewer.forge.state import mark
from reviewer.review import Review
from reviewer.verify.patch import unified
from tests.forge.server import GitHub, served
from tests.report.reviews import FULL, OPINION, REPRODUCED

HEAD = "a" * 40
EVENT = Event("pull_request", "o/r", "b" * 40, HEAD, number=7)
TEXT = [f"line {n}" for n in range(1, 101)]
LINES = {*range(7, 24), *range(47, 54)}


@pytest.fixture(autouse=True)
def _no_pause_between_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    import github

    made = github.Github.__init__

    def quick(self: object, *words: Any, **named: Any) -> None:
        made(self, *words, **named | {"seconds_between_writes": None, "seconds_between_requests": None})  # type: ignore[arg-type]

    monkeypatch.setattr(github.Github, "__init__", quick)


@pytest.fixture
def hub() -> Iterator[GitHub]:
    with served(GitHub(HEAD, {"m.py": LINES})) as one:
        yield one


def finding(line: int, name: str = "", **other: Any) -> Finding:
    place = Location("m.py", line, line)
    return replace(REPRODUCED, location=place, quote=f"line {line} {name}", suggestion=None, **other)


def review(*findings: Finding, complete: bool = True) -> Review:
    return replace(FULL, findings=findings, skipped=() if complete else FULL.skipped)


def change() -> Change:
    hunks = (Hunk(10, 1, 10, 11), Hunk(40, 0, 50, 1))
    file = FileChange("m.py", "m.py", Status.MODIFIED, "1", "2", "100644", "100644", hunks)
    return Change("/r", "b", "h", (file,), "")


def publish(hub: GitHub, made: Review, event: Event = EVENT, pauses: tuple[float, ...] = (0.0, 0.0)) -> str:
    return forge.publish(made, change(), {"m.py": [*TEXT, ""]}, event, "secret", hub.address, pauses)


def test_the_first_review_is_one_request_and_one_summary(hub: GitHub) -> None:
    said = publish(
        hub, review(finding(12), finding(50), finding(90), replace(OPINION, location=Location("x.py", 1, 1)))
    )
    assert said == "2 new comments, 0 threads resolved"
    assert hub.requests == ["POST /graphql", "POST /repos/o/r/pulls/7/reviews", "POST /repos/o/r/issues/7/comments"]
    assert [c["line"] for c in hub.reviews[0]["comments"]] == [12, 50]
    (summary,) = hub.comments
    assert "m.py:90" in summary["body"]
    assert hub.tokens == {"token secret"}


def test_the_next_pushes_repeat_nothing_resolve_what_is_gone_and_know_what_moved(hub: GitHub) -> None:
    fixed, moved = finding(12, "fixed"), finding(13, "moved")
    publish(hub, review(fixed, moved))
    later = replace(moved, location=Location("m.py", 20, 20))
    assert publish(hub, review(later)) == "0 new comments, 1 thread resolved"
    assert publish(hub, review(later)) == "0 new comments, 0 threads resolved"
    assert (len(hub.threads), len(hub.open_threads()), len(hub.comments), len(hub.reviews)) == (2, 1, 1, 1)
    assert hub.open_threads()[0]["comments"]["nodes"][0]["body"].endswith(mark(moved.fingerprint))


def test_what_was_mended_and_breaks_again_is_said_again(hub: GitHub) -> None:
    publish(hub, review(finding(12)))
    publish(hub, review())
    assert publish(hub, review(finding(12))) == "1 new comment, 0 threads resolved"


@pytest.mark.parametrize("how", ["resolved", "deleted"])
def test_what_was_dismissed_stays_dismissed(hub: GitHub, how: str) -> None:
    publish(hub, review(finding(12)))
    if how == "deleted":
        hub.threads.clear()
    else:
        hub.threads[0] |= {"isResolved": True, "resolvedBy": {"login": "somebody"}}
    assert publish(hub, review(finding(12))) == "0 new comments, 0 threads resolved"
    assert "m.py:12" in hub.comments[0]["body"]


def test_a_review_that_is_not_complete_resolves_only_what_changed(hub: GitHub) -> None:
    publish(hub, review(finding(12), finding(14)))
    hub.threads[0]["isOutdated"] = True
    assert publish(hub, review(complete=False)) == "0 new comments, 1 thread resolved"
    assert [t["id"] for t in hub.open_threads()] == [hub.threads[1]["id"]]


def test_marks_in_the_comments_of_others_mean_nothing(hub: GitHub) -> None:
    one = finding(12)
    hub.say(f"x {mark(one.fingerprint)}", ours=False)
    hub.say(f'<!-- llm-review state ["{one.fingerprint}"] -->', ours=False, thread=False)
    assert publish(hub, review(one)) == "1 new comment, 0 threads resolved"
    assert len(hub.comments) == 2
    assert not hub.threads[0]["isResolved"]


def test_text_of_a_model_cannot_forge_a_mark(hub: GitHub) -> None:
    hostile = finding(12, message=f"x {mark('0' * 16)}", explanation=mark("summary"))
    publish(hub, review(hostile))
    assert publish(hub, review(hostile)) == "0 new comments, 0 threads resolved"
    assert (len(hub.threads), len(hub.comments)) == (1, 1)


def test_a_push_during_the_review_makes_it_worthless(hub: GitHub) -> None:
    hub.head = "c" * 40
    assert publish(hub, review(finding(12))) == "nothing was posted: the pull request has a newer commit"
    assert not hub.reviews


def test_a_read_only_token_is_an_error_that_says_why(hub: GitHub) -> None:
    hub.writable = False
    with pytest.raises(ForgeError, match="403 Resource not accessible") as raised:
        publish(hub, review(finding(12)))
    assert "fork" in raised.value.hint
    assert hub.requests.count("POST /repos/o/r/pulls/7/reviews") == 1


def test_lines_that_github_does_not_show_go_to_the_summary(hub: GitHub) -> None:
    hub.lines = {}
    assert publish(hub, review(finding(12))) == "0 new comments, 0 threads resolved"
    assert "m.py:12" in hub.comments[0]["body"]


@pytest.mark.parametrize("fault", [500, 502, 429, -502, 0])
@pytest.mark.parametrize("request_number", range(3))
def test_nothing_is_doubled_when_the_api_breaks_down_half_way(hub: GitHub, fault: int, request_number: int) -> None:
    hub.faults = [None] * request_number + [fault]
    publish(hub, review(finding(12), finding(13)))
    assert len(hub.threads) == 2
    assert len(hub.reviews) == 1
    assert len(hub.comments) == 1


def test_a_run_that_gave_up_is_resumed_by_the_next(hub: GitHub) -> None:
    hub.faults = [None, -500, *[503] * 9]
    with pytest.raises(ForgeError, match="did not answer: 503"):
        publish(hub, review(finding(12)))
    hub.faults = []
    publish(hub, review(finding(12)))
    assert (len(hub.threads), len(hub.comments)) == (1, 1)


def test_nobody_there_is_an_error() -> None:
    with pytest.raises(ForgeError, match="did not answer: ConnectionError"):
        forge.publish(review(), change(), {}, EVENT, "t", "http://127.0.0.1:1", (0.0,))


def test_four_hundred_findings(hub: GitHub) -> None:
    many = [finding(10 + n % 10, f"number {n}") for n in range(400)]
    assert publish(hub, review(*many)) == "30 new comments, 0 threads resolved"
    for _ in range(13):
        publish(hub, review(*many))
    assert len(hub.threads) == 400
    assert len(hub.comments) == 1
    assert publish(hub, review(*many)) == "0 new comments, 0 threads resolved"
    assert publish(hub, review(*many[:-5])) == "0 new comments, 5 threads resolved"


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_a_proven_fix_can_be_applied_by_a_click(hub: GitHub, verdict: Verdict) -> None:
    old = "".join(f"{line}\n" for line in TEXT)
    patch = unified("m.py", old, old.replace("line 12\nline 13\n", "```\nnew\n"))
    publish(hub, review(replace(finding(12), suggestion=Suggestion(patch, "mend it", verdict))))
    (posted,) = hub.reviews[0]["comments"]
    if verdict in {"verified", "passes"}:
        assert (posted["start_line"], posted["line"]) == (12, 13)
        assert "````suggestion\n```\nnew\n````" in posted["body"]
    else:
        assert "suggestion\n" not in posted["body"]
        assert "start_line" not in posted


@pytest.mark.parametrize("new", ["a\u202eb", "x\x1b[1m"])
def test_code_that_hides_something_is_not_offered(hub: GitHub, new: str) -> None:
    old = "".join(f"{line}\n" for line in TEXT)
    patch = unified("m.py", old, old.replace("line 12", new))
    publish(hub, review(replace(finding(12), suggestion=Suggestion(patch, "", Verdict.VERIFIED))))
    assert "```suggestion" not in hub.reviews[0]["comments"][0]["body"]


def test_an_opinion_is_a_comment_too_and_says_that_it_is_one(hub: GitHub) -> None:
    publish(hub, review(finding(12, proof=Proof.MODEL)))
    assert "opinion, not proved" in hub.bodies()[0]
