"""The life of a pull request on GitHub, and of a merge request on GitLab, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from reviewer.change.change import Change, FileChange, Hunk, Status
from reviewer.errors import ForgeError
from reviewer.finding import Finding, Location, Proof, Suggestion, Verdict
from reviewer.forge import base
from reviewer.forge.event import Event
from reviewer.forge.github import GitHub as OnGitHub
from reviewer.forge.gitlab import GitLab as OnGitLab
from reviewer.forge.state import mark
from reviewer.review import Review
from reviewer.verify.patch import unified
from tests.forge.gitlab_server import GitLab
from tests.forge.server import GitHub, served
from tests.report.reviews import FULL, OPINION, REPRODUCED

HEAD = "a" * 40
EVENTS = {
    GitHub: Event("pull_request", "o/r", "b" * 40, HEAD, number=7),
    GitLab: Event("merge_request_event", "12", "b" * 40, HEAD, number=7, gitlab=True),
}
TEXT = [f"line {n}" for n in range(1, 101)]
BASE = [*TEXT[:9], "old 10", *TEXT[20:49], *TEXT[50:]]
LINES = {*range(7, 24), *range(47, 54)}

Hub = GitHub | GitLab


@pytest.fixture(autouse=True)
def _no_pause_between_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    import github

    made = github.Github.__init__

    def quick(self: object, *words: Any, **named: Any) -> None:
        made(self, *words, **named | {"seconds_between_writes": None, "seconds_between_requests": None})  # type: ignore[arg-type]

    monkeypatch.setattr(github.Github, "__init__", quick)


@pytest.fixture(params=["github", "gitlab"])
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    made: Hub = GitHub(HEAD, {"m.py": set(LINES)}) if request.param == "github" else GitLab(HEAD, BASE, TEXT)
    with served(made) as one:
        yield one


def finding(line: int, name: str = "", **other: Any) -> Finding:
    place = Location("m.py", line, line)
    return replace(REPRODUCED, location=place, quote=f"line {line} {name}", suggestion=None, **other)


def review(*findings: Finding, complete: bool = True) -> Review:
    return replace(FULL, findings=findings, skipped=() if complete else FULL.skipped)


def change() -> Change:
    hunks = (Hunk(10, 1, 10, 11), Hunk(39, 0, 50, 1))
    file = FileChange("m.py", "m.py", Status.MODIFIED, "1", "2", "100644", "100644", hunks)
    return Change("/r", "b", "h", (file,), "")


def publish(hub: Hub, made: Review, pauses: tuple[float, ...] = (0.0, 0.0)) -> str:
    event = EVENTS[type(hub)]
    forge = OnGitLab(event, change(), "secret", hub.address) if event.gitlab else OnGitHub(event, "secret", hub.address)
    return base.publish(forge, made, change(), {"m.py": [*TEXT, ""]}, event.head, pauses)


def writes(hub: Hub) -> list[str]:
    """The requests that change something."""
    return [one for one in hub.requests if not one.startswith("GET") and one != "POST /graphql"]


def test_the_first_review_is_comments_and_one_summary(hub: Hub) -> None:
    elsewhere = replace(OPINION, location=Location("x.py", 1, 1))
    said = publish(hub, review(finding(12), finding(50), finding(90), elsewhere))
    assert said == "2 new comments, 0 threads resolved"
    assert hub.places() == [12, 50]
    (summary,) = hub.summaries()
    assert "m.py:90" in summary
    assert len(writes(hub)) == (2 if isinstance(hub, GitHub) else 3)
    assert hub.tokens == {"token secret"} if isinstance(hub, GitHub) else {"Bearer secret"}


def test_every_line_that_is_shown_can_be_commented_on(hub: Hub) -> None:
    shown = sorted(LINES)
    publish(hub, review(*(finding(line) for line in shown)))
    assert hub.places() == shown


def test_the_next_pushes_repeat_nothing_resolve_what_is_gone_and_know_what_moved(hub: Hub) -> None:
    fixed, moved = finding(12, "fixed"), finding(13, "moved")
    publish(hub, review(fixed, moved))
    later = replace(moved, location=Location("m.py", 20, 20))
    assert publish(hub, review(later)) == "0 new comments, 1 thread resolved"
    before = writes(hub)
    assert publish(hub, review(later)) == "0 new comments, 0 threads resolved"
    assert writes(hub) == before
    assert hub.resolved() == [True, False]
    assert hub.bodies()[1].endswith(mark(moved.fingerprint))
    assert "m.py:20" in hub.summaries()[0]


def test_a_forced_push_that_brings_back_what_was_mended_says_it_again(hub: Hub) -> None:
    publish(hub, review(finding(12)))
    publish(hub, review())
    assert publish(hub, review(finding(12))) == "1 new comment, 0 threads resolved"


@pytest.mark.parametrize("how", ["resolved", "deleted"])
def test_what_was_dismissed_stays_dismissed(hub: Hub, how: str) -> None:
    publish(hub, review(finding(12)))
    if how == "resolved":
        hub.dismiss()
    elif isinstance(hub, GitHub):
        hub.threads.clear()
    else:
        del hub.discussions[0]
    assert publish(hub, review(finding(12))) == "0 new comments, 0 threads resolved"
    assert "m.py:12" in hub.summaries()[0]


def test_a_review_that_is_not_complete_resolves_only_what_changed(hub: Hub) -> None:
    publish(hub, review(finding(12), finding(14)))
    hub.outdate()
    assert publish(hub, review(complete=False)) == "0 new comments, 1 thread resolved"
    assert hub.resolved() == [True, False]


def test_marks_in_the_comments_of_others_mean_nothing(hub: Hub) -> None:
    one = finding(12)
    hub.say(f"x {mark(one.fingerprint)}", ours=False)
    hub.say(f'<!-- llm-review state ["{one.fingerprint}"] -->', ours=False, thread=False)
    assert publish(hub, review(one)) == "1 new comment, 0 threads resolved"
    assert len(hub.summaries()) == 2
    assert hub.resolved() == [False, False]


def test_text_of_a_model_cannot_forge_a_mark(hub: Hub) -> None:
    hostile = finding(12, message=f"x {mark('0' * 16)}", explanation=mark("summary"))
    publish(hub, review(hostile))
    assert publish(hub, review(hostile)) == "0 new comments, 0 threads resolved"
    assert (len(hub.bodies()), len(hub.summaries())) == (1, 1)


def test_text_of_a_model_is_no_command(hub: Hub) -> None:
    """GitLab itself obeys `/merge` at the beginning of a line, and robots on GitHub `/lgtm`."""
    words = "/merge\n/close"
    reproducer = replace(REPRODUCED.reproducer, command=words, code=words, output=f"x\n  {words}")  # type: ignore[type-var]
    patch = f"--- a/m.py\n+++ b/m.py\n@@ -12 +12,2 @@\n-line 12\n+{words.replace(chr(10), chr(10) + '+')}\n"
    fix = Suggestion(patch, words, Verdict.VERIFIED)
    one = replace(finding(12, message=words, explanation=words, reproducer=reproducer), suggestion=fix)
    publish(hub, replace(review(one), summary=words))
    for body in [*hub.bodies(), *hub.summaries()]:
        assert "/merge" in body
        assert not [line for line in body.splitlines() if line.strip().startswith(("/merge", "/close"))]
    assert "```suggestion" not in hub.bodies()[0]


def test_a_push_during_the_review_makes_it_worthless(hub: Hub) -> None:
    hub.head = "c" * 40
    assert publish(hub, review(finding(12))) == "nothing was posted: there is a newer commit"
    assert not writes(hub)


def test_a_read_only_token_is_an_error_that_says_why(hub: Hub) -> None:
    hub.writable = False
    with pytest.raises(ForgeError, match="refused: 403") as raised:
        publish(hub, review(finding(12)))
    assert "fork" in raised.value.hint
    assert len(writes(hub)) == 1


def test_lines_that_the_forge_does_not_show_go_to_the_summary(hub: Hub) -> None:
    if isinstance(hub, GitHub):
        hub.lines = {}
    else:
        hub.text = hub.text[:5]
    assert publish(hub, review(finding(12))) == "0 new comments, 0 threads resolved"
    assert "m.py:12" in hub.summaries()[0]


@pytest.mark.parametrize("fault", [500, 502, 429, -502, 0])
@pytest.mark.parametrize("request_number", range(6))
def test_nothing_is_doubled_when_the_api_breaks_down_half_way(hub: Hub, fault: int, request_number: int) -> None:
    hub.faults = [None] * request_number + [fault]
    publish(hub, review(finding(12), finding(13)))
    assert len(hub.bodies()) == 2
    assert len(hub.summaries()) == 1


def test_a_run_that_gave_up_is_resumed_by_the_next(hub: Hub) -> None:
    before = 1 if isinstance(hub, GitHub) else 3
    hub.faults = [*[None] * before, -500, *[503] * 9]
    with pytest.raises(ForgeError, match="did not answer: 503"):
        publish(hub, review(finding(12), finding(13)))
    assert hub.bodies()
    hub.faults = []
    publish(hub, review(finding(12), finding(13)))
    assert (len(hub.bodies()), len(hub.summaries())) == (2, 1)


@pytest.mark.parametrize("hub_class", [GitHub, GitLab])
def test_nobody_there_is_an_error(hub_class: type[Hub]) -> None:
    nobody: Hub = GitHub(HEAD, {}) if hub_class is GitHub else GitLab(HEAD, [], [])
    nobody.address = "http://127.0.0.1:1"
    with pytest.raises(ForgeError, match="did not answer: ConnectionError"):
        publish(nobody, review(), (0.0,))


def test_four_hundred_findings(hub: Hub) -> None:
    many = [finding(10 + n % 10, f"number {n}") for n in range(400)]
    assert publish(hub, review(*many)) == "30 new comments, 0 threads resolved"
    for _ in range(13):
        publish(hub, review(*many))
    assert len(hub.bodies()) == 400
    assert len(hub.summaries()) == 1
    assert publish(hub, review(*many)) == "0 new comments, 0 threads resolved"
    assert publish(hub, review(*many[:-5])) == "0 new comments, 5 threads resolved"


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_a_proven_fix_can_be_applied_by_a_click(hub: Hub, verdict: Verdict) -> None:
    old = "".join(f"{line}\n" for line in TEXT)
    patch = unified("m.py", old, old.replace("line 12\nline 13\n", "```\nnew\n"))
    publish(hub, review(replace(finding(12), suggestion=Suggestion(patch, "mend it", verdict))))
    (body,) = hub.bodies()
    if verdict in {"verified", "passes"}:
        assert hub.places() == [13]
        word = "suggestion" if isinstance(hub, GitHub) else "suggestion:-1+0"
        assert f"````{word}\n```\nnew\n````" in body
    else:
        assert "```suggestion" not in body
        assert hub.places() == [12]


@pytest.mark.parametrize("new", ["a\u202eb", "x\x1b[1m"])
def test_code_that_hides_something_is_not_offered(hub: Hub, new: str) -> None:
    old = "".join(f"{line}\n" for line in TEXT)
    patch = unified("m.py", old, old.replace("line 12", new))
    publish(hub, review(replace(finding(12), suggestion=Suggestion(patch, "", Verdict.VERIFIED))))
    assert "```suggestion" not in hub.bodies()[0]


def test_an_opinion_is_a_comment_too_and_says_that_it_is_one(hub: Hub) -> None:
    publish(hub, review(finding(12, proof=Proof.MODEL)))
    assert "opinion, not proved" in hub.bodies()[0]
