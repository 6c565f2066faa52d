"""What is GitHub's alone; the rest of a pull request's life is in test_life."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from reviewer.finding import Suggestion, Verdict
from reviewer.verify.patch import unified
from tests.forge.server import GitHub, served
from tests.forge.test_life import HEAD, TEXT, finding, publish, review


@pytest.fixture
def hub() -> Iterator[GitHub]:
    with served(GitHub(HEAD, {"m.py": {11, 12, 13}})) as one:
        yield one


def test_a_fix_of_two_lines_is_a_comment_at_both(hub: GitHub) -> None:
    old = "".join(f"{line}\n" for line in TEXT)
    fix = Suggestion(unified("m.py", old, old.replace("line 12\nline 13\n", "new\n")), "", Verdict.VERIFIED)
    publish(hub, review(finding(11), replace(finding(12), suggestion=fix)))
    one, other = hub.reviews[0]["comments"]
    assert "start_line" not in one
    assert (other["start_line"], other["line"]) == (12, 13)


def test_all_comments_are_one_review_so_that_people_are_told_once(hub: GitHub) -> None:
    publish(hub, review(*(finding(line) for line in (11, 12, 13))))
    assert hub.requests == ["POST /graphql", "POST /repos/o/r/pulls/7/reviews", "POST /repos/o/r/issues/7/comments"]
