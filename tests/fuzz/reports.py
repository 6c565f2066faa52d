"""Text of a change, a tool or a model in every report: shown, and obeyed by nothing."""

from __future__ import annotations

import io
import json
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as Xml

from reviewer.finding import Finding, Location, Suggestion, Verdict
from reviewer.report import annotations as commands
from reviewer.report import codequality, htmlreport, jsonreport, junit, markdown, rdjson, sarif, terminal
from reviewer.report.htmltag import el
from reviewer.report.htmltag import text as html_text
from reviewer.report.marks import block, code, prose
from reviewer.report.sanitise import HIDDEN, JOINERS, visible
from reviewer.review import ChangedFile, Edit, Explanation, Review, Skipped
from tests.report.reviews import FULL, REPRODUCED
from tests.report.test_marks import shown

PLAIN = {"\n", "\t"}
MARKED = {
    "p",
    "code",
    "pre",
    "details",
    "summary",
    "ul",
    "li",
    "strong",
    "h1",
    "h2",
    "h3",
    "h4",
    "table",
    "thead",
    "tbody",
}
MARKED |= {"tr", "th", "td", "em", "hr", "br", "ol", "comment"}


def controls(text: str) -> set[str]:
    """The characters of a text that a terminal or an editor would obey."""
    return {c for c in text if c not in PLAIN and ord(c) not in JOINERS and unicodedata.category(c) in HIDDEN}


def review_of(word: str, name: str) -> Review:
    """A review in which every text that is not ours is one of two."""
    suggestion = Suggestion(f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-{word}", word, Verdict.NOT_RUN, word)
    finding: Finding = replace(
        REPRODUCED,
        rule_id=f"bug/{word}", location=Location(name, 3, 3), quote=word, message=word, sources=(word,), unit=word,
        explanation=word, suggestion=suggestion,
    )  # fmt: skip
    receipt = replace(FULL.receipt, isolation={word: word})
    return replace(
        FULL, summary=word, explanations=(Explanation(name, word, word, (word,)),), findings=(finding, finding),
        skipped=(Skipped(word, word),), receipt=receipt,
    )  # fmt: skip


class _Page(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[tuple[str, str]] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {(tag, ""), *((tag, name) for name, _ in attrs)}


def _page(word: str, name: str) -> str:
    file = ChangedFile(name, name, "M", (word, word), (Edit(1, 1, (word,)),))
    return htmlreport.render(review_of(word, name), (file,))


TAGS = _Page(_page("word", "name.py")).seen


def check_report(word: str, name: str) -> None:
    """Every format can be read by who reads it, and has nothing in it that is obeyed."""
    review = review_of(word, name)
    out = io.StringIO()
    terminal.render(review, terminal.console_for(out), {}, verbose=True)
    assert controls(out.getvalue()) == set()
    for module in (jsonreport, sarif, codequality, rdjson):
        said = module.render(review)
        json.loads(said)
        assert said.isascii() or not controls(said)
    check_annotations(review)
    Xml.fromstring(junit.render(review))
    assert controls(junit.render(review)) == set()
    page = shown(markdown.render(review))
    assert page.tags <= MARKED, page.tags - MARKED
    made = _page(word, name)
    assert controls(made) == set()
    assert {tag for tag, _ in _Page(made).seen} <= {tag for tag, _ in TAGS} | {"span", "code", "li", "p"}
    assert not any(attribute.startswith("on") for _, attribute in _Page(made).seen)


def check_annotations(review: Review) -> None:
    """Each line is a command of ours, and the last is none."""
    said = commands.render(review)
    assert controls(said) == set()
    *lines, last = said.splitlines()
    assert all(line.startswith(("::error file=", "::warning file=", "::notice ")) for line in lines)
    assert not last.lstrip().startswith(("::", "##["))


def check_escapes(text: str) -> None:
    """Each way of escaping, by itself."""
    for said in (visible(text), visible(text, lines=False), prose(text), code(text), block(text), html_text(text)):
        assert controls(said) == set()
        said.encode("utf-8")
    assert "\n" not in visible(text, lines=False) + prose(text) + code(text)
    assert not {"<", ">", '"'} & set(html_text(text))
    assert _Page(el("p", text, title=text)).seen == {("p", ""), ("p", "title")}
    assert not {"\n", "\r"} & set(commands._data(text))
    assert not {"\n", "\r", ":", ","} & set(commands._property(visible(text)))
    Xml.fromstring(junit._text(_element(text)))


def check_marks(text: str) -> None:
    """What becomes of Markdown has no tag but those that were meant."""
    assert shown(prose(text)).tags <= {"p", "code"}
    assert shown(code(text)).tags == {"p", "code"}
    assert shown(f"{block(text)}\n\nafter").tags == {"pre", "code", "p"}


def _element(text: str) -> Xml.Element:
    element = Xml.Element("case", {"name": visible(text, lines=False)})
    element.text = visible(text)
    return element
