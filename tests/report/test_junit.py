from __future__ import annotations

from xml.etree import ElementTree

import pytest

from reviewer.report.junit import render
from reviewer.review import Review
from tests.report.hostile import hostile, many
from tests.report.reviews import FULL, REVIEWS


@pytest.mark.parametrize("review", [*REVIEWS.values(), Review("a", "b"), hostile(), many(12)])
def test_the_numbers_are_those_of_the_cases(review: Review) -> None:
    top = ElementTree.fromstring(render(review).encode())
    (suite,) = top
    for numbers in (top.attrib, suite.attrib):
        assert int(numbers["tests"]) == len(suite.findall("testcase")) >= 1
        assert (
            int(numbers["failures"])
            == len(suite.findall("testcase/failure"))
            == sum(f.blocking for f in review.findings)
        )
        assert int(numbers["skipped"]) == len(suite.findall("testcase/skipped"))
        assert numbers["errors"] == "0"


def test_only_what_blocks_fails() -> None:
    cases = list(ElementTree.fromstring(render(FULL).encode()).iter("testcase"))
    assert [[child.tag for child in case] for case in cases] == [
        ["failure"],
        ["system-out"],
        ["system-out"],
        ["skipped"],
    ]
