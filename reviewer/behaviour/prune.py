"""A test module cut down to one test and what it needs."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from .probe import Function

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def around(body: Sequence[ast.stmt], outer: str, test: Function) -> list[ast.stmt]:
    """The module with no test but this one."""
    kept: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name == outer.partition(".")[0] and outer:
            node.body = around(node.body, outer.partition(".")[2], test)
            kept.append(node)
        elif not (isinstance(node, Definition) and _is_test(node)):
            kept.append(node)
    return kept if outer else [*kept, test]


def _is_test(node: Definition) -> bool:
    return node.name.startswith("Test" if isinstance(node, ast.ClassDef) else "test")


def reachable(body: Sequence[ast.stmt], start: str) -> list[ast.stmt]:
    """The statements that the one named `start` needs, directly or through others; imports that nothing uses go."""
    binds = [bound_by(node) for node in body]
    wanted, kept = {start.partition(".")[0]}, set[int]()
    growing = True
    while growing:
        growing = False
        for i, node in enumerate(body):
            if i not in kept and (not binds[i] or binds[i] & wanted or _always(node)):
                kept.add(i)
                wanted |= _names_in(node)
                growing = True
    return [node for i, node in enumerate(body) if i in kept and not is_noise(node)]


def is_noise(node: ast.stmt) -> bool:
    """A docstring, or another constant that stands alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _always(node: ast.stmt) -> bool:
    """A fixture that no test names, and names that pytest itself reads."""
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id.startswith("pytest") for t in node.targets)
    marks = node.decorator_list if isinstance(node, Definition) else []
    return any("autouse" in ast.unparse(d) for d in marks)


def bound_by(node: ast.stmt) -> set[str]:
    """The names that a statement binds; none for one that is run for its effect."""
    if isinstance(node, Definition):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        return set() if future else {(a.asname or a.name).partition(".")[0] for a in node.names}
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return set()


def _names_in(node: ast.stmt) -> set[str]:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    # Fixtures are asked for by the names of arguments, or in strings.
    names |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    return names | {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
