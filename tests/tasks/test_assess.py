from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.finding import Category, Proof
from reviewer.tasks.assess import CONTRADICTED, LONGEST_CHANGE, LONGEST_PROBLEM, assess, locate, parse
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

TEXT = "def f(a):\n    b = a + 1\n    return b\n    b = a + 1\n"
UNIT = Unit("m.py", "f", UnitKind.FUNCTION, None, Span(10, 13, TEXT), frozenset({12, 13}))


def reply(*claims: dict[str, str]) -> str:
    return json.dumps({"change": "Adds f.", "defects": claims})


def claim(line: str, category: str = "bug") -> dict[str, str]:
    return {"category": category, "line": line, "problem": "It is wrong."}


def test_a_quoted_line_is_found_by_code_and_the_changed_one_is_preferred() -> None:
    (finding,) = parse(reply(claim("b = a + 1")), UNIT).findings
    assert finding.location.start_line == 13
    assert finding.proof is Proof.MODEL
    assert finding.quote == "    b = a + 1"
    assert finding.category is Category.BUG
    assert not finding.blocking


def test_a_quote_that_is_not_there_is_rejected_and_counted() -> None:
    result = parse(reply(claim("c = 3"), claim("def f(a):")), UNIT)
    assert result.findings == ()
    assert result.rejected == {"quote not in the unit": 1, "not on a changed line": 1}


def test_the_explanation_is_one_line() -> None:
    assert parse(json.dumps({"change": "A\n\n b", "defects": []}), UNIT).explanation == "A b"


def test_what_the_schema_cut_ends_with_a_sentence() -> None:
    words = "It returns a list of tuples, of which the first is the most common, and the second the count. " * 9
    claimed = claim("b = a + 1") | {"problem": words[:LONGEST_PROBLEM]}
    said = parse(json.dumps({"change": words[:LONGEST_CHANGE], "defects": [claimed]}), UNIT)
    assert said.findings[0].message.endswith("and the second the count.")
    assert said.explanation.endswith("and the second the count.")


@pytest.mark.parametrize("bad", ["", "{", "[]", "null", '{"change": 3}', '{"defects": 3}', '{"defects": [3, null]}'])
def test_a_bad_reply_is_an_empty_assessment(bad: str) -> None:
    assert parse(bad, UNIT).findings == ()


@given(st.recursive(st.none() | st.text() | st.integers(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)))
def test_no_json_raises(data: object) -> None:
    parse(json.dumps(data), UNIT)
    parse(json.dumps({"change": data, "defects": [data, {"category": "bug", "line": data, "problem": data}]}), UNIT)


def test_the_fixed_text_comes_first_and_the_unit_last() -> None:
    provider = FakeProvider([reply(), reply()])
    session = Session(provider)
    other = Unit("n.py", "g", UnitKind.FUNCTION, None, Span(1, 1, "def g(): pass"), frozenset({1}))
    assess(session, UNIT)
    assess(session, other)
    first, second = provider.requests
    assert (first.system, first.shared) == (second.system, second.shared)
    assert "def f(a)" in first.prompt
    assert session.usage.prompt == 200


def test_white_space_does_not_matter_for_a_quote() -> None:
    assert locate("return   b", UNIT) == (12,)
    assert locate("", UNIT) == ()


def test_a_sentence_that_names_what_is_not_there_is_dropped_and_counted() -> None:
    said = parse(json.dumps({"change": "Calls `no_such_helper` first.", "defects": []}), UNIT)
    assert (said.explanation, said.rejected) == ("", {"names what is not in the code": 1})


def test_an_explanation_of_what_was_there_before_is_dropped_and_counted() -> None:
    unit = Unit(
        "m.py", "f", UnitKind.FUNCTION, Span(1, 1, "limit = Unit.ALL"), Span(1, 1, "limit = (Unit.ALL)"), frozenset({1})
    )
    said = parse(json.dumps({"change": "Added `Unit.ALL` to the enum.", "defects": []}), unit)
    assert (said.explanation, said.rejected) == ("", {CONTRADICTED: 1})
