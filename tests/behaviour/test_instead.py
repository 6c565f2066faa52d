from __future__ import annotations

import ast

import pytest

from reviewer.behaviour.instead import instead_of
from reviewer.behaviour.values import Vocabulary

WORDS = Vocabulary(texts=("w",), parameters={"f": ("a", "b")})


@pytest.mark.parametrize(
    ("expression", "some"),
    [
        ("[1, 2]", {"[2, 1]", "[2]", "[]", "[1, 2, 1]"}),
        ("(1, 2)", {"(2, 1)", "()"}),
        ("{1, 2}", {"{1}", "{2}"}),
        ("[1]", {"[]", "[1, 1]"}),
        ("{'a': 1, 'b': 2}", {"{'b': 2}", "{'a': 1}"}),
        ("f(1)", {"f(1, b=None)", "f(1, b='w')"}),
        ("f(1, 2)", {"f(1)"}),
        ("-x", {"x"}),
        ("a < b", {"a <= b", "a > b"}),
        ("a + b", {"a - b"}),
        ("x", {"y"}),
    ],
)
def test_what_may_stand_there(expression: str, some: set[str]) -> None:
    node = ast.parse(expression, mode="eval").body
    made = {ast.unparse(ast.fix_missing_locations(n)) for n, _ in instead_of(node, WORDS, ["x", "y"]) if n}
    assert some <= made
    assert expression not in made


def test_a_step_may_be_done_twice_or_left_out() -> None:
    made = [n for n, _ in instead_of(ast.parse("f(1)").body[0], WORDS, [])]
    assert None in made
    assert any(isinstance(n, ast.Module) and len(n.body) == 2 for n in made)


def test_a_step_that_binds_a_name_is_not_left_out() -> None:
    assert None not in [n for n, _ in instead_of(ast.parse("x = f(1)").body[0], WORDS, [])]
