# ruff: noqa: UP007 - both ways of writing a union are what is tested
from __future__ import annotations

import random
from typing import Any, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.craft import draws

HINTS: tuple[Any, ...] = (
    int, float, str, bytes, bool, None, list[int], set[str], frozenset[int], tuple[int, ...], tuple[int, str],
    dict[str, list[int]], Union[int, str], Union[str, list[int]], int | None, list[tuple[int, str]],
)  # fmt: skip


@given(st.sampled_from(HINTS), st.integers(0, 30), st.integers())
def test_a_drawn_value_fits_its_annotation(hint: Any, size: int, seed: int) -> None:
    assert draws.drawable(hint)
    assert draws.fits(draws.drawn(hint, size, random.Random(seed)), hint)


@pytest.mark.parametrize("hint", [Any, list, object, random.Random, dict[str, object], list["int"]])
def test_what_cannot_be_drawn_is_said(hint: Any) -> None:
    assert not draws.drawable(hint)


@pytest.mark.parametrize(
    ("value", "hint"), [(True, int), ([1, "a"], list[int]), ("a", list[str]), ((1, 2, 3), tuple[int, int]), (None, int)]
)
def test_what_does_not_fit(value: Any, hint: Any) -> None:
    assert not draws.fits(value, hint)


def test_the_annotations_of_a_function() -> None:
    def good(a: int, b: list[str], c: object = None) -> None: ...
    def bare(a, b: int) -> None: ...  # type: ignore[no-untyped-def]
    def starred(*a: int, k: int) -> None: ...

    assert draws.hints(good) == [int, list[str]]
    assert draws.hints(bare) is draws.hints(starred) is None


def test_of_two_like_parameters_the_second_is_sometimes_the_first_in_another_order() -> None:
    pairs = [draws.arguments([str, str], 8, random.Random(turn)) for turn in range(40)]
    related = [sorted(a) == sorted(b) for a, b in pairs]
    assert any(related)
    assert not all(related)
