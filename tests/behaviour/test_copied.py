from __future__ import annotations

import ast
from pathlib import Path

import reviewer.behaviour.observer as some_module
from reviewer.behaviour.copied import copied


def test_a_copy_is_equal_and_shares_nothing() -> None:
    tree = ast.parse(Path(some_module.__file__).read_text("utf-8"))
    made = copied(tree)
    assert ast.dump(made, include_attributes=True) == ast.dump(tree, include_attributes=True)
    singletons = ast.expr_context | ast.operator | ast.unaryop | ast.cmpop | ast.boolop
    shared = {id(n) for n in ast.walk(tree)} & {id(n) for n in ast.walk(made)}
    assert not shared
    assert any(isinstance(n, singletons) for n in ast.walk(made))


def test_the_original_stays_as_it_is() -> None:
    tree = ast.parse("f([1, 2])")
    made = copied(tree)
    next(n for n in ast.walk(made) if isinstance(n, ast.List)).elts.clear()
    assert ast.unparse(tree) == "f([1, 2])"
    assert ast.unparse(made) == "f([])"
