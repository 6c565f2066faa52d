from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from reviewer.finding import Location
from reviewer.report.jsonreport import render
from reviewer.review import Review
from tests.report.reviews import FULL, OPINION

KEYS = {"version", "tool", "base", "head", "complete", "exit_code", "summary", "explanations", "findings", "tests"}


def test_an_empty_review_has_every_key() -> None:
    report = json.loads(render(Review("b", "h")))
    assert set(report) >= KEYS | {"skipped", "receipt"}
    assert report["receipt"]["model"] is None
    assert report["tests"] == {"selected": [], "base": None, "head": None, "canary": "not_run"}


def test_a_finding_is_known_by_its_fingerprint_and_first_source() -> None:
    found = json.loads(render(FULL))["findings"]
    assert [f["id"] for f in found] == [f.fingerprint for f in FULL.findings]
    assert [f["source"] for f in found] == ["tests", "bandit", "model"]
    assert (found[2]["reproducer"], found[2]["side"]) == (None, "base")


@given(st.text(st.characters(exclude_categories=())))
@example("\ud800")
def test_the_report_is_ascii_and_any_text_comes_back(text: str) -> None:
    place = Location(text, 1, 1)
    report = render(replace(FULL, summary=text, findings=(replace(OPINION, location=place),)))
    assert report.isascii()
    assert not {c for c in report if ord(c) < 0x20 or ord(c) == 0x7F} - {"\n"}
    back = json.loads(report)["summary"]
    back.encode()
    assert back == text or any(0xD800 <= ord(c) < 0xE000 for c in text)
