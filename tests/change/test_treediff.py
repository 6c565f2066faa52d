"""Nothing differs exactly where two trees are the same, whatever two pieces of code these are."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.change.treediff import LONGEST, Replaced, clipped, differences, parsed, quoted

HERE = Path(__file__)
FUNCTIONS = [
    node
    for file in sorted(HERE.parents[2].glob("reviewer/change/*.py"))
    for node in ast.walk(ast.parse(file.read_text("utf-8")))
    if isinstance(node, ast.FunctionDef)
]


def _pairs(base: str, head: str) -> list[tuple[str, str, str]]:
    found = differences(parsed(base).body, parsed(head).body)
    return [(_text(one.old), _text(one.new), one.inside) for one in found]


def _text(node: ast.AST | None) -> str:
    return clipped(node) if node else ""


@given(st.sampled_from(FUNCTIONS), st.sampled_from(FUNCTIONS))
def test_two_functions_differ_where_their_bodies_do(one: ast.FunctionDef, other: ast.FunctionDef) -> None:
    same = [ast.dump(node) for node in one.body] == [ast.dump(node) for node in other.body]
    assert bool(list(differences(one.body, other.body))) is not same


@pytest.mark.parametrize(
    ("base", "head", "pairs"),
    [
        ("x = 1", "x = 1", []),
        ("x = 1", "x = 2", [("x = 1", "x = 2", "")]),
        ("a\nb\nc", "a\nc", [("b", "", "")]),
        ("a\nx = 1", "a\nx = 2\nreturn_(x)", [("x = 1", "x = 2", ""), ("", "return_(x)", "")]),
        ("x = 1", "y = 2\nx = 3", [("", "y = 2", ""), ("x = 1", "x = 3", "")]),
        ("f(1)", "g(2)\nf(3)", [("", "g(2)", ""), ("f(1)", "f(3)", "")]),
        ("for a in b:\n    c", "for a in d:\n    c", [("b", "d", "")]),
        ("try:\n    a\nexcept E:\n    b", "a", [("try:", "", ""), ("", "a", "")]),
        ("def f(a):\n    return 1", "def f(b):\n    return 1", []),
        ("def f():\n    return 1", "def g():\n    return 1", [("def f():", "def g():", "")]),
    ],
)
def test_what_stands_in_the_place_of_what(base: str, head: str, pairs: list[tuple[str, str, str]]) -> None:
    assert _pairs(base, head) == pairs


def test_a_long_statement_is_looked_into_and_named() -> None:
    long = ", ".join(f"'{number:>8}'" for number in range(12))
    assert _pairs(f"NAMES = [{long}]", f"NAMES = [{long}, 'new']") == [("", "'new'", "NAMES")]
    assert _pairs(f"call({long}, a < b)", f"call({long}, a <= b)") == [("a < b", "a <= b", "call")]


def test_a_long_assignment_to_another_name_did_not_become_this_one() -> None:
    long = "very_long_name_of_a_function(with_arguments, that_make_it, too_long_to_quote)"
    assert _pairs(f"a, b = {long}", "c = d")[0][1] == _pairs(f"a, b = {long}", "c = d")[1][0] == ""


def test_docstrings_and_annotations_are_left_out_where_asked_for() -> None:
    text = '    def f(a: int) -> str:\n        """Doc."""\n        x: int = 1\n        y: str\n        return x\n'
    bare = parsed(text, docstrings=False, annotations=False)
    assert ast.unparse(bare) == "def f(a):\n    x = 1\n    y: str\n    return x"
    assert ast.dump(parsed('"""Doc."""', docstrings=False)) == ast.dump(ast.parse("pass"))


def test_only_a_line_is_quoted() -> None:
    assert quoted(ast.parse("@x\nclass A(B):\n    c = 1").body[0]) == "class A(B):"
    assert quoted(ast.parse("x = 'a`b'").body[0]) == ""
    assert quoted(ast.parse(f"x = {'a' * LONGEST}").body[0]) == ""
    assert len(clipped(ast.parse(f"x = {'a' * LONGEST}").body[0])) == LONGEST
    assert quoted(ast.Add()) == ""
    assert Replaced(None, None).inside == ""
