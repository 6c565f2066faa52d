from __future__ import annotations

import ast
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reviewer.tasks.describe import (
    CODE_LIMIT,
    Definition,
    Description,
    describe,
    gives_back,
    parameters_of,
    raised_by,
)
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

TEXT = """def f(self, a, /, b=1, *rest, c, **more):
    def inner():
        raise KeyError
        return 1
    if a:
        raise errors.Missing("x") from None
    raise ValueError
    raise
    raise problem
"""


def node_of(text: str) -> Definition:
    node = ast.parse(text).body[0]
    assert isinstance(node, Definition)
    return node


def test_parameters_and_exceptions_are_the_code_s_own() -> None:
    node = node_of(TEXT)
    assert parameters_of(node) == ("a", "b", "*rest", "c", "**more")
    assert raised_by(node) == ("errors.Missing", "ValueError")
    assert not gives_back(node)
    assert gives_back(node_of("def g():\n    yield 1\n"))
    assert parameters_of(node_of("class A:\n    def m(self, x): pass\n")) == ()


def test_an_exception_that_is_caught_again_is_not_raised() -> None:
    text = """def f(x):
    try:
        if x:
            raise KeyError
        raise ValueError(x)
    except (KeyError, OSError):
        return 1
    except TypeError:
        raise LookupError
    else:
        raise IndexError
    try:
        raise %s
    except:
        pass
    try:
        raise TypeError
    except Exception:
        raise
"""
    assert raised_by(node_of(text % "RuntimeError")) == ("ValueError", "LookupError", "IndexError", "TypeError")


def test_the_form_asks_for_each_of_them_and_nothing_else() -> None:
    provider = FakeProvider(['{"purpose": "p"}'])
    describe(Session(provider), TEXT, node_of(TEXT), deep=True)
    schema: Any = provider.requests[0].schema
    assert list(schema["properties"]) == ["purpose", "parameters", "raises", "effects", "complexity"]
    assert schema["properties"]["parameters"]["required"] == ["a", "b", "*rest", "c", "**more"]


def test_lines_with_names_that_the_code_does_not_have_are_dropped() -> None:
    reply = json.dumps({"purpose": "calls `f`", "parameters": {"a": "see `ghost.walk()`"}})
    said = describe(Session(FakeProvider([reply])), TEXT, node_of(TEXT))
    assert said == Description("calls `f`", {"a": ""}, unfounded=("ghost.walk",))


def test_code_that_is_too_long_is_not_shown() -> None:
    assert describe(Session(FakeProvider()), "x" * (CODE_LIMIT + 1), node_of(TEXT)) is None


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_any_reply_is_a_description_or_none(reply: str) -> None:
    assert isinstance(describe(Session(FakeProvider([reply])), TEXT, node_of(TEXT)), Description | None)
