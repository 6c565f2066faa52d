"""Tests that look instead of judging: what an assertion would compare is written down, and the test goes on.

`_observe_(k, value)` notes a value and gives it back, `_raises_(k)` notes what a block raises, `_attempt_(k, call)`
notes what a call returns or raises; the program in `observer.py` brings them along.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .probe import Function

OBSERVE, RAISES, ATTEMPT = "_observe_", "_raises_", "_attempt_"
EXPECTING = frozenset({"raises", "assertRaises", "assertRaisesRegex", "assertRaisesRegexp", "deprecated_call"})
MANNERS = frozenset({"msg", "delta", "places"})


@dataclass(frozen=True, slots=True)
class Observed:
    """A test that looks: its code, and for each number the expression (or the call) that is looked at."""

    function: Function
    watched: Mapping[int, ast.expr] = field(default_factory=dict)


def observed(function: Function) -> Observed:
    """The test with its assertions turned into observations; the function that is given is used up."""
    watcher = Watcher()
    changed = watcher.visit(function)
    return Observed(ast.fix_missing_locations(changed), watcher.watched)


class Watcher(ast.NodeTransformer):
    """Replaces assertions, expected exceptions and results that are bound or thrown away."""

    def __init__(self) -> None:
        """Nothing is watched yet."""
        self.watched: dict[int, ast.expr] = {}

    def visit_Assert(self, node: ast.Assert) -> ast.AST | list[ast.stmt]:
        """`assert a == b` looks at a and b; of constants there is nothing to see."""
        return self._looks(_sides(node.test)) or ast.Pass()

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        """The assertions of unittest, and calls whose result is thrown away."""
        if not isinstance(node.value, ast.Call):
            return node
        call, name = node.value, _called(node.value)
        if name in EXPECTING and len(call.args) > 1:
            return ast.Expr(self._attempt(ast.Call(call.args[1], call.args[2:], call.keywords)))
        if name.startswith("assert") and call.args:
            return self._looks([a for a in call.args if not isinstance(a, ast.Constant)]) or ast.Pass()
        return ast.Expr(self._attempt(call))

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        """What a call returned that is given one name."""
        if isinstance(node.value, ast.Call) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            node.value = self._look(node.value)
        return node

    def visit_With(self, node: ast.With) -> ast.AST:
        """A block that is expected to raise."""
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and _called(call) in EXPECTING:
                item.context_expr = self._noted(RAISES, call, [])
        self.generic_visit(node)
        return node

    def _looks(self, expressions: Sequence[ast.expr]) -> list[ast.stmt]:
        return [ast.Expr(self._attempt(e)) for e in expressions]

    def _look(self, expression: ast.expr) -> ast.Call:
        return self._noted(OBSERVE, expression, [expression])

    def _attempt(self, call: ast.expr) -> ast.Call:
        """Looked at, and what it raises is noted too, where it can be put off in a lambda."""
        if any(isinstance(n, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr) for n in ast.walk(call)):
            return self._look(call)
        nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        return self._noted(ATTEMPT, call, [ast.Lambda(nothing, call)])

    def _noted(self, how: str, watched: ast.expr, arguments: Sequence[ast.expr]) -> ast.Call:
        number = len(self.watched)
        self.watched[number] = watched
        return ast.Call(ast.Name(how, ast.Load()), [ast.Constant(number), *arguments], [])


def _called(call: ast.Call) -> str:
    """The last name of what is called."""
    return (
        call.func.attr
        if isinstance(call.func, ast.Attribute)
        else call.func.id
        if isinstance(call.func, ast.Name)
        else ""
    )


def _sides(test: ast.expr) -> list[ast.expr]:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _sides(test.operand)
    if isinstance(test, ast.BoolOp):
        return [side for value in test.values for side in _sides(value)]
    if not isinstance(test, ast.Compare):
        return [test]
    if not isinstance(test.ops[0], ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
        return [test]
    return [s for s in (test.left, *test.comparators) if not _is_literal(s)] or [test]


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
