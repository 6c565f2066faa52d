from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from reviewer.behaviour.values import Vocabulary, corpus, others, parameters_of, vocabulary

WORDS = Vocabulary(texts=("now", "-x"), numbers=(7, 0.5))
VALUES = (
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6) | st.text(max_size=12) | st.binary()
)


@given(VALUES)
def test_others_are_different_once_each_and_can_be_written(value: object) -> None:
    made = [other for other, _ in others(value, WORDS)]
    keys = [f"{type(o).__name__}:{o!r}" for o in made]
    assert len(set(keys)) == len(keys)
    assert f"{type(value).__name__}:{value!r}" not in keys
    for other in made:
        assert ast.literal_eval(repr(other)) == other


@given(VALUES)
def test_typed_is_the_type(value: object) -> None:
    for other, typed in others(value, WORDS):
        assert typed == (type(other) is type(value) or (type(value) is int and type(other) is float))


def test_the_words_of_the_code_are_tried() -> None:
    assert {"now", "ab now", "now ab"} <= {o for o, _ in others("ab", WORDS) if isinstance(o, str)}
    assert {7, 8, 6, -7} <= {o for o, _ in others(3, WORDS) if isinstance(o, int)}


def test_parts_between_separators_are_doubled_and_dropped() -> None:
    assert {"a.a.b", "a.b.b", "b", "a", "a..b"} <= {o for o, _ in others("a.b", WORDS) if isinstance(o, str)}


def test_a_long_text_is_left_alone() -> None:
    assert [o for o, _ in others("x" * 5000, Vocabulary()) if isinstance(o, str)] == []


def test_vocabulary_is_what_the_code_compares_with_and_not_its_prose() -> None:
    words = vocabulary(["if x == 'big one' and n > 12: pass", "'prose'\ny = True", "not python ("])
    assert words.texts == ("big one", "big", "one")
    assert words.numbers == (12,)


def test_parameters_by_the_name_of_function_and_class() -> None:
    source = "class A:\n    def __init__(self, x, *, y=1): ...\n    def run(self, z): ...\ndef f(a, /, b): ..."
    assert parameters_of([source]) == {"A": ("x", "y"), "run": ("z",), "f": ("a", "b")}


def test_texts_of_tests_that_have_the_words_of_the_change_are_spliced_in() -> None:
    module = "def test_x():\n    '''BEGIN and END'''\n    run('SELECT CASE a WHEN b END')\n    run('SELECT 1, 2, 3')\n"
    texts = corpus([module], ("CASE", "END", ";"))
    assert texts == ("SELECT CASE a WHEN b END",)
    found = [other for other, _ in others("CREATE BEGIN x END", Vocabulary(texts=("BEGIN", "END"), corpus=texts))]
    assert "CREATE BEGIN SELECT CASE a WHEN b END x END" in found
    assert "CREATE BEGIN x END SELECT CASE a WHEN b END" in found
