from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.draft import Draft
from reviewer.finding import Category, Finding, Location, Proof, Severity
from reviewer.review import Explanation
from reviewer.tasks.session import Session
from reviewer.tasks.translate import TOGETHER, translate_review, translated
from tests.fakes import FakeProvider


def go(texts: list[str], *replies: str, language: str = "zh") -> tuple[list[str], FakeProvider]:
    provider = FakeProvider(list(replies))
    return translated(Session(provider, language=language), texts), provider


def test_english_costs_nothing() -> None:
    assert go(["Adds `f`."], language="en")[0] == ["Adds `f`."]
    assert go(["", ""])[1].requests == []


def test_each_text_is_asked_once_and_stands_where_it_was() -> None:
    said, provider = go(["Adds.", "", "Reads.", "Adds."], json.dumps({"1": "添加。", "2": "读取。"}))
    assert said == ["添加。", "", "读取。", "添加。"]
    assert provider.requests[0].prompt == "1. Adds.\n2. Reads.\n\nInto Chinese."


def test_many_are_asked_some_at_a_time() -> None:
    texts = [f"Text {n}." for n in range(TOGETHER + 1)]
    first = json.dumps({str(n): f"文{n}" for n in range(1, TOGETHER + 1)})
    said, provider = go(texts, first, json.dumps({"1": "末"}))
    assert said == [*(f"文{n}" for n in range(1, TOGETHER + 1)), "末"]
    assert len(provider.requests) == 2


@pytest.mark.parametrize("reply", ["", "{", "[]", "{}", '{"1": ""}', '{"1": null}', '{"1": "调用 `other`。"}'])
def test_what_is_not_to_be_trusted_stays_as_it_is(reply: str) -> None:
    assert go(["Calls `f`."], reply)[0] == ["Calls `f`."]


@given(st.recursive(st.none() | st.text() | st.integers(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)))
def test_no_reply_raises(data: object) -> None:
    go(["Adds."], json.dumps(data))
    go(["Adds."], json.dumps({"1": data}))


def test_of_a_review_all_that_the_model_said_is_translated() -> None:
    draft = Draft("b", "h")
    draft.summary = "All."
    draft.explanations = [Explanation("a/", "", "3 pieces"), Explanation("a.py", "f", "Adds.")]
    plain = Finding("ruff/F821", Category.BUG, Severity.ERROR, Proof.TOOL, Location("a.py", 1, 1), "q", "m", ("ruff",))
    draft.findings = [plain, replace(plain, explanation="Breaks.")]
    provider = FakeProvider([json.dumps({"1": "全部。", "2": "添加。", "3": "坏了。"})])
    translate_review(Session(provider, language="zh"), draft, 1)
    assert (draft.summary, [e.text for e in draft.explanations]) == ("全部。", ["3 pieces", "添加。"])
    assert [f.explanation for f in draft.findings] == ["", "坏了。"]
