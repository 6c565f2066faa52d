from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reviewer.report.marks import block, code, prose
from reviewer.report.sanitise import visible
from tests.report.hostile import TEXT

ANY_TEXT = st.text(st.characters(exclude_categories=()))
PUNCTUATION = st.text(st.sampled_from("`*_[]()<>#&|~$!@:/\\-+=.1a \n"), max_size=40)
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class Shown(HTMLParser):
    """The text and the tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags = "", set[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.add("comment")


def shown(markdown: str) -> Shown:
    return Shown(MARKDOWN.render(markdown))


@given(st.one_of(ANY_TEXT, PUNCTUATION))
def test_prose_shows_its_text_and_nothing_else(text: str) -> None:
    page = shown(prose(text))
    assert page.tags <= {"p", "code"}
    expected = visible(" ".join(text.split()), lines=False)
    assert _bare(page.text) == _bare(expected)


def _bare(text: str) -> str:
    return re.sub(r"[`\s\u200b]", "", text)


@pytest.mark.parametrize("linked", [r"@\w", r"#\d", r"://", r"\bGH-\d", r"www\.", r":tada:", r"\$x\$"])
def test_what_github_links_is_parted(linked: str) -> None:
    assert re.search(linked, TEXT)
    outside = re.sub(r"&#\d+;", "\u200b", prose(TEXT))
    assert not re.search(linked, outside)


def test_backticks_of_the_model_stay_code() -> None:
    assert prose("`a*b` is <b>") == "`a*b` is &lt;b&gt;"


@given(st.one_of(ANY_TEXT, PUNCTUATION))
def test_code_shows_its_text_and_nothing_else(text: str) -> None:
    page = shown(code(text))
    assert page.tags == {"p", "code"}
    assert page.text.strip() == (visible(text, lines=False)).strip()


@given(st.one_of(ANY_TEXT, PUNCTUATION))
def test_no_text_ends_its_block(text: str) -> None:
    page = shown(f"{block(text, 'python')}\n\nafter")
    assert page.tags == {"pre", "code", "p"}
    assert page.text.endswith("after\n")
    assert page.text.count("after") == 1 + text.count("after")
