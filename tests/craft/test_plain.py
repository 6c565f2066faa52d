from __future__ import annotations

import ast

from reviewer.craft.plain import Shape, shape


def of(text: str) -> Shape:
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.FunctionDef)
    return shape(node)


def test_docstring_comments_and_layout_do_not_count() -> None:
    assert of('def f(x):\n    """Long."""\n    # why\n    return (\n        x\n    )\n') == Shape(2, 1)


def test_every_branch_counts() -> None:
    text = "def f(xs):\n    for x in xs:\n        if x and x > 1 or not x:\n            return [y for y in x if y]\n"
    assert of(text).complexity == 7


def test_plainer_is_less_of_one_and_not_more_of_the_other() -> None:
    assert Shape(2, 1).plainer_than(Shape(3, 1))
    assert Shape(3, 1).plainer_than(Shape(3, 2))
    assert not Shape(2, 3).plainer_than(Shape(3, 2))
    assert not Shape(2, 1).plainer_than(Shape(2, 1))
