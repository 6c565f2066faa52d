from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.report.sanitise import visible, well_formed

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\u202eb\u2066c\u200f", "a\\u202eb\\u2066c\\u200f"),
        ("\x9b31m\x85", "\\x9b31m\\x85"),
        ("\udcff.py", "\\udcff.py"),
        ("\U000e0041", "\\U000e0041"),
        ("x\rOK", "x␍OK"),
        ("\x7f\x00", "␡␀"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("日本 é 👩\u200d💻", "日本 é 👩\u200d💻"),
    ],
)
def test_what_a_terminal_would_obey_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_stays_one_line() -> None:
    assert visible("a\r\nb\tc\u2028", lines=False) == "a␍␊b␉c\\u2028"


@given(ANY_TEXT)
def test_nothing_that_hides_or_controls_is_left(text: str) -> None:
    shown = visible(text)
    assert not {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs"}} - set("\n\t\u200c\u200d")
    assert "\n" not in visible(text, lines=False)
    assert visible(shown) == shown


@given(ANY_TEXT)
def test_well_formed_text_can_be_encoded(text: str) -> None:
    assert well_formed(text).encode().decode() == well_formed(text)
