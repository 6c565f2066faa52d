from __future__ import annotations

import pytest

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.llm.base import Sample
from reviewer.tasks.prompt import CODE_LIMIT, block, code_in, one_line, prose, shown


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("Here:\n```python\nx = 1\n```\nDone", "x = 1"),
        ("```\nx = 1\n", "x = 1\n"),
        ("x = 1", "x = 1"),
        ("```py\nx = '``'\n```\n```\ny\n```", "x = '``'"),
    ],
)
def test_code_is_taken_out_of_the_first_fence(reply: str, code: str) -> None:
    assert code_in(reply) == code


def test_a_fence_is_longer_than_any_inside() -> None:
    assert block("a = '''````'''").startswith("`````python\n")


def test_prose_is_clipped_at_a_sentence() -> None:
    assert one_line("One two three. Four five six", 20) == "One two three."
    assert one_line("word " * 10, 12) == "word word …"


def test_a_long_unit_is_shown_as_what_changed_and_a_very_long_one_not_at_all() -> None:
    lines = [f"x{n} = {n}" for n in range(200)]
    base, head = "\n".join(lines), "\n".join([*lines[:100], "y = 1", *lines[101:]])
    unit = Unit("m.py", "f", UnitKind.FUNCTION, Span(1, 200, base), Span(1, 200, head), frozenset({101}))
    assert "+y = 1" in shown(unit)
    assert "x5 = 5" not in shown(unit)
    assert shown(Unit("m.py", "f", UnitKind.FUNCTION, None, Span(1, 1, "z" * CODE_LIMIT * 2), frozenset({1}))) == ""
    short = Unit("m.py", "f", UnitKind.FUNCTION, Span(1, 1, "a = 1"), Span(1, 1, "a = 2"), frozenset({1}))
    assert "Before:\n```python\na = 1" in shown(short)


@pytest.mark.parametrize(
    ("text", "finish", "shown_as"),
    [
        ("It adds.\nThen it", "stop", "It adds. Then it"),
        ("It adds. Then it", "length", "It adds."),
        ("It adds. It stops.", "length", "It adds. It stops."),
        ("它相加。然后", "length", "它相加。"),
        ("It adds and", "length", "It adds and …"),
        ("", "length", ""),
    ],
)
def test_prose_that_was_cut_ends_with_a_sentence_or_shows_it(text: str, finish: str, shown_as: str) -> None:
    assert prose(Sample(text, finish)) == shown_as
