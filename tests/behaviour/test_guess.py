from __future__ import annotations

import ast

import pytest

from reviewer.behaviour.guess import BY_WORD, LISTS, MAPPINGS, NUMBERS, TEXTS, guesses
from reviewer.behaviour.values import Vocabulary

from .conftest import function_of

WORDS = Vocabulary(texts=("needle",), numbers=(4711,))


def first_of(source: str) -> list[str]:
    return [g[0] for g in guesses(function_of(source), WORDS) if len(g) == 1]


@pytest.mark.parametrize(
    ("source", "pool"),
    [
        ("def f(x: int): ...", NUMBERS),
        ("def f(x: 'list[str]'): ...", LISTS),
        ("def f(x: Optional[str]): ...", TEXTS),
        ("def f(x):\n    return x.splitlines()", TEXTS),
        ("def f(x):\n    x.append(1)", LISTS),
        ("def f(q):\n    return q % 2", NUMBERS),
        ("def f(q):\n    return [1 for _ in range(q)]", NUMBERS),
        ("def f(text): ...", TEXTS),
        ("def f(x: NumberOrText): ...", BY_WORD["number"]),
        ("def f(nums): ...", LISTS),
        ("def f(length_by_edge): ...", MAPPINGS),
    ],
)
def test_the_type_is_told_by_annotation_use_or_name(source: str, pool: tuple[str, ...]) -> None:
    assert set(first_of(source)[: len(pool)]) <= {*pool, "'needle'", "4711"}


def test_the_words_of_the_code_are_among_them() -> None:
    assert "'needle'" in first_of("def f(x: str): ...")
    assert "4711" in first_of("def f(x: int): ...")


def test_one_that_has_a_default_is_given_by_name() -> None:
    given = {g[-1] for g in guesses(function_of("def f(x: int, wide=False, *, sep=','): ..."), WORDS)}
    assert "wide=True" in given
    assert "wide=False" not in given
    assert any(g.startswith("sep='") for g in given)


def test_a_function_without_parameters_is_called_once() -> None:
    assert list(guesses(function_of("def f(): ..."), WORDS)) == [()]


def test_they_can_all_be_written_in_a_call() -> None:
    rows = list(guesses(function_of("def f(a, b, c=None): ..."), WORDS))
    assert len(rows) == len(set(rows)) > 300
    for row in rows:
        ast.parse(f"f({', '.join(row)})", mode="eval")
