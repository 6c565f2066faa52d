from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewer.tasks.optimise import Aim, example_calls, literal_arguments, rewritten
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider


def test_versions_come_the_likeliest_first() -> None:
    provider = FakeProvider(["a = 1", ("b = 1", "c = 1")])
    assert list(rewritten(Session(provider), "def f(): pass", 3, Aim.FASTER)) == ["a = 1", "b = 1", "c = 1"]
    assert [r.temperature > 0 for r in provider.requests] == [False, True]


def test_one_version_is_one_question() -> None:
    provider = FakeProvider(["a = 1"])
    assert list(rewritten(Session(provider), "def f(): pass", 1, Aim.CLEARER)) == ["a = 1"]


def test_hints_and_what_was_wrong_are_told_after_the_code() -> None:
    provider = FakeProvider([("a = 1", "b = 1")])
    assert len(list(rewritten(Session(provider), "def f(): pass", 2, Aim.FASTER, "Hint.\n", "It was wrong.\n"))) == 2
    assert provider.requests[0].prompt.endswith("```\nHint.\nIt was wrong.\n")
    assert provider.requests[0].temperature > 0


def test_only_literal_arguments_of_the_function_itself_are_taken() -> None:
    reply = "[1, 2], k=3)\nf([1, 2]) == [1]\nf(open('x'))\ng(1)\nf(1, 'a')\nf(*x)\nprint(f(1))"
    assert list(example_calls(Session(FakeProvider([reply])), "def f(xs): pass", "f")) == ["([1, 2],)", "(1, 'a')"]


@given(st.text())
def test_any_text_is_arguments_or_none(text: str) -> None:
    found = literal_arguments(text, "f")
    assert found is None or found.startswith("(")
