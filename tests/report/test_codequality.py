from __future__ import annotations

import json

from reviewer.report.codequality import render
from reviewer.review import Review
from tests.report.hostile import hostile, many
from tests.report.reviews import FULL

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def test_every_issue_has_what_gitlab_asks_for() -> None:
    for review in (FULL, hostile(), many(50)):
        text = render(review)
        issues = json.loads(text)
        assert text.isascii()
        assert len({issue["fingerprint"] for issue in issues}) == len(issues) == len(review.findings)
        for issue in issues:
            assert issue["severity"] in SEVERITIES
            assert issue["description"]
            assert issue["check_name"]
            assert issue["location"]["path"]
            assert issue["location"]["lines"]["begin"] >= 1
            assert "\n" not in issue["description"]


def test_what_blocks_is_a_blocker() -> None:
    assert [issue["severity"] for issue in json.loads(render(FULL))] == ["blocker", "critical", "major"]


def test_nothing_found_is_an_empty_list() -> None:
    assert json.loads(render(Review("a", "b"))) == []
