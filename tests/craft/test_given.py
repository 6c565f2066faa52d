from __future__ import annotations

import pytest

from reviewer.craft.given import described


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("f(2) => 4", "assert f(2) == 4"),
        ("For example f(2) ==> 4", "assert f(2) == 4"),
        ("f('a b') -> [1, (2, 3)].", "assert f('a b') == [1, (2, 3)]"),
        ("f((1), 2) returns -1, and so on", "assert f(1, 2) == -1"),
        ("f(2) should be 'four'", "assert f(2) == 'four'"),
        ("f(\"x.txt\") # => 'Yes'", "assert f('x.txt') == 'Yes'"),
        ("f(2) = 4 # twice", "assert f(2) == 4"),
        ("f(2)  ➞ True", "assert f(2) == True"),
    ],
)
def test_what_a_call_gives_in_prose(text: str, wanted: str) -> None:
    assert list(described(text, "f")) == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        "f(2) -> 19 - 5 = 14",
        "f(2) is even",
        "f(2",
        "half(2) => 1",
        "f(2), 4",
        "f(2) -> g(4)",
        "f(a) => 4",
        "f(2, k=x) => 4",
        "f(2) => [1, 2",
    ],
)
def test_what_says_no_value_is_none(text: str) -> None:
    assert list(described(text, "f")) == []


def test_each_line_counts_and_without_a_name_none() -> None:
    assert list(described("f(1) -> 1\nf(2) -> 4", "f")) == ["assert f(1) == 1", "assert f(2) == 4"]
    assert list(described("f(1) -> 1", "")) == []
