from __future__ import annotations

import ast
import random

import pytest

from reviewer.behaviour.pins import Pin, pinned, pins_of


def _function(text: str) -> ast.FunctionDef:
    (found,) = ast.parse(text).body
    assert isinstance(found, ast.FunctionDef)
    return found


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("a == 1.0", {Pin("a", "1.0")}),
        ("3 < a", {Pin("a", "3"), Pin("a", "4"), Pin("a", "2")}),
        ("a != b", {Pin("a", "b", same=True), Pin("b", "a", same=True)}),
        ("0 <= a < b", {Pin("a", t) for t in ("0", "1", "-1")} | {Pin("a", "b", True), Pin("b", "a", True)}),
        ("a == 'x'", {Pin("a", "'x'")}),
        ("a is None", set()),
        ("other == 1", set()),
        ("a.b == 1", set()),
    ],
)
def test_what_a_condition_says_of_parameters(condition: str, wanted: set[Pin]) -> None:
    assert set(pins_of(_function(f"def f(a, b):\n    return {condition}"))) == wanted


def test_parameters_are_put_to_the_edge_alone_and_together() -> None:
    function = _function("def f(start, stop, factor=2.0):\n    return factor == 1.0 and start != stop")
    rows = set(pinned(function, ["start", "stop"], [("1", "9")], random.Random(0)))
    assert {("1", "9", "factor=1.0"), ("9", "9"), ("1", "1"), ("1", "1", "factor=1.0")} <= rows


def test_a_function_without_conditions_has_no_edge() -> None:
    assert list(pinned(_function("def f(a):\n    return a"), ["a"], [("1",)], random.Random(0))) == []
