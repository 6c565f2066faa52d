from __future__ import annotations

import ast

from reviewer.behaviour.edit import Edit, above, edited, parents_of

from .conftest import function_of

TEST = "def test_a():\n    x = f(1)\n    g(x)\n    assert x == 2"


def made(*edits: tuple[int, ast.AST | None]) -> str:
    """The test with the statements of those numbers replaced."""
    function = function_of(TEST)
    before = ast.dump(function)
    fresh = edited(function, [Edit(function.body[at], new) for at, new in edits], parents_of(function))
    assert ast.dump(function) == before
    return ast.unparse(ast.fix_missing_locations(fresh))


def test_a_statement_is_replaced_taken_out_or_joined_by_others() -> None:
    two = ast.parse("h()\nk()")
    assert made((1, None)) == TEST.replace("    g(x)\n", "")
    assert made((1, two)) == TEST.replace("g(x)", "h()\n    k()")
    assert made((0, None), (1, None), (2, None)) == "def test_a():\n    pass"


def test_what_is_not_touched_is_shared() -> None:
    function = function_of(TEST)
    call = function.body[1]
    assert isinstance(call, ast.Expr)
    fresh = edited(function, [Edit(call.value, ast.Constant(0))], parents_of(function))
    assert fresh.body[0] is function.body[0]
    assert fresh.body[1] is not call
    assert ast.unparse(fresh.body[1]) == "0"


def test_what_a_node_is_in() -> None:
    function = function_of(TEST)
    parents = parents_of(function)
    statement = function.body[0]
    assert isinstance(statement, ast.Assign)
    assert above(statement.value, parents) == {id(statement.value), id(statement), id(function)}
