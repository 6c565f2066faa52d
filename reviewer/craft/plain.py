"""How long and how branched a function is, docstring and comments aside."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ..behaviour.copied import copied
from ..verify.patch import Definition

BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.IfExp, ast.ExceptHandler, ast.comprehension, ast.match_case)


@dataclass(frozen=True, slots=True)
class Shape:
    """Lines of code in one layout for all, and the number of ways through it (McCabe's, `and` and `or` counted)."""

    lines: int
    complexity: int

    def plainer_than(self, other: Shape) -> bool:
        """Less of one and not more of the other."""
        return self != other and self.lines <= other.lines and self.complexity <= other.complexity


def shape(node: Definition) -> Shape:
    """The shape of a definition."""
    bare = copied(node)
    if ast.get_docstring(bare, clean=False) is not None:
        bare.body = bare.body[1:] or [ast.Pass()]
    inside = list(ast.walk(bare))
    choices = sum(len(n.values) - 1 for n in inside if isinstance(n, ast.BoolOp))
    conditions = sum(len(n.ifs) for n in inside if isinstance(n, ast.comprehension))
    branches = sum(isinstance(n, BRANCHES) for n in inside)
    return Shape(ast.unparse(bare).count("\n") + 1, 1 + branches + choices + conditions)
