from __future__ import annotations

import ast

import pytest

from reviewer.behaviour.observe import observed

from .conftest import function_of


@pytest.mark.parametrize(
    ("step", "watched"),
    [
        ("assert f(1) == 2", ["f(1)"]),
        ("assert f(1) == g(2)", ["f(1)", "g(2)"]),
        ("assert not f(1)", ["f(1)"]),
        ("assert f(1) and g(2)", ["f(1)", "g(2)"]),
        ("assert f(1) < 3", ["f(1) < 3"]),
        ("self.assertEqual(f(1), 2)", ["f(1)"]),
        ("self.assertRaises(ValueError, f, 1)", ["f(1)"]),
        ("f(1)", ["f(1)"]),
        ("x = f(1)", ["f(1)"]),
        ("with pytest.raises(ValueError):\n    f(1)", ["pytest.raises(ValueError)", "f(1)"]),
        ("assert 1 == 1", ["1 == 1"]),
        ("x = 1", []),
    ],
)
def test_what_is_looked_at(step: str, watched: list[str]) -> None:
    body = step.replace("\n", "\n    ")
    made = observed(function_of(f"def test_a():\n    {body}"))
    assert [ast.unparse(e) for e in made.watched.values()] == watched
    ast.parse(ast.unparse(made.function))


def test_what_is_awaited_is_not_put_off() -> None:
    tree = ast.parse("async def test_a():\n    assert await f(1) == 2").body[0]
    assert isinstance(tree, ast.AsyncFunctionDef)
    text = ast.unparse(observed(tree).function)
    assert "_observe_(0, await f(1))" in text
    assert "lambda" not in text
