from __future__ import annotations

from reviewer.report.markdown import render
from tests.report.hostile import hostile, many
from tests.report.test_marks import shown

OURS = {"p", "code", "pre", "h3", "h4", "ul", "li", "strong", "details", "summary"}


def test_a_hostile_review_is_only_text() -> None:
    page = shown(render(hostile()))
    assert page.tags <= OURS
    assert "<img" in page.text


def test_a_long_review_ends_whole_and_says_what_is_missing() -> None:
    text = render(many(400), 60_000)
    assert len(text.encode()) <= 60_000
    left = text.count("#### ")
    assert 0 < left < 400
    assert f"{400 - left} more findings did not fit here." in text
    assert text.count("<details>") == text.count("</details>")
    assert "did not fit" not in render(many(400))
