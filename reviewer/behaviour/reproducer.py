"""A difference as a test of its own: it passes on the base and fails on the head, and says what the value was."""

from __future__ import annotations

import ast
import copy
from pathlib import PurePosixPath

from .difference import Kind
from .looking import Sight
from .observe import Watcher
from .pin import Plain, pinned
from .probe import Function
from .prune import around, bound_by, reachable

SHORT = 160
TOO_LONG = """
def too_long(*_):
    raise TimeoutError('this takes more than 2 seconds')
"""
BEFORE = "signal.signal(signal.SIGALRM, too_long)\nsignal.alarm(2)"
AFTER = "signal.alarm(0)"


def path_for(test_path: str, number: int) -> str:
    """Where a reproducer is put: beside the test that it was made from, so that its conftest and data are found."""
    folder = PurePosixPath(test_path).parent
    return str(folder / f"test_llm_review_{number}.py")


def code_for(module: str, outer: str, function: Function, sight: Sight | None, kind: Kind) -> str:
    """The source of a test module that holds one test: the steps of `function` and the base's value of one sight.

    `outer` is the test's class or "". Without a sight the steps themselves must not raise, and must end where the head
    hangs; where it raises at the sight, the base's value need not be written down. "" where it must and cannot.
    """
    test = pinned(function, sight, kind is Kind.RAISES)
    if test is None:
        return ""
    if kind is Kind.HANGS:
        module, test = f"{module}\n{TOO_LONG}", _with_limit(test)
    tree = ast.parse(module)
    tree.body = reachable(around(tree.body, outer, test), outer or test.name)
    return _with_imports(ast.unparse(ast.fix_missing_locations(tree)) + "\n")


def _with_limit(test: Function) -> Function:
    """The steps with a bound on their time."""
    before, after = (ast.parse(text).body for text in (BEFORE, AFTER))
    test.body = [*before, *test.body, *after]
    return test


def _with_imports(code: str) -> str:
    """The modules that an assertion may need, where the test's own module does not have them."""
    tree = ast.parse(code)
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    there = {name for node in tree.body for name in bound_by(node)}
    missing = [f"import {name}\n" for name in ("itertools", "pytest", "signal") if name in used - there]
    futures = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    lines = code.splitlines(keepends=True)
    at = futures[-1].end_lineno or 0 if futures else 0
    return "".join([*lines[:at], *missing, *lines[at:]])


def shown(function: Function, number: int) -> str:
    """The expression of a sight as a person reads it: names that were bound once are replaced by what they are."""
    watcher = Watcher()
    copy_ = copy.deepcopy(function)
    bound: dict[str, ast.expr] = {}
    for node in ast.walk(copy_):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            bound[node.targets[0].id] = copy.deepcopy(node.value)
    watcher.visit(copy_)
    expression = watcher.watched.get(number)
    if expression is None:
        return ""
    if isinstance(expression, ast.Name):
        return expression.id  # what became of it in all the steps, and not what it was bound to
    plain = ast.unparse(Plain().visit(copy.deepcopy(expression)))
    for _ in range(3):
        expression = _Inline(bound).visit(copy.deepcopy(Plain().visit(expression)))
        text = ast.unparse(expression)
        plain = text if len(text) <= SHORT else plain
    return plain


class _Inline(ast.NodeTransformer):
    def __init__(self, bound: dict[str, ast.expr]) -> None:
        self._bound = bound

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return copy.deepcopy(self._bound.get(node.id, node)) if isinstance(node.ctx, ast.Load) else node
