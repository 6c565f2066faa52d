"""Which variables a test or a call checks, so that nothing more is said of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...nodes import walk
from .names import Names

CHECKING = re.compile(r"check|valid|verify|ensure|assert|saniti|ip_address", re.IGNORECASE)
# A host that is looked for anywhere in a URL is no check of it.
HOST = re.compile(
    r"^(?:https?://)?(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|edu|gov|co|ai|app|de|uk|fr|eu|cn|jp)/?$", re.IGNORECASE
)
# A test with these says nothing about what a text holds.
BLIND = frozenset(
    {"len", "isinstance", "bool", "hasattr", "os.path.exists", "os.path.isfile", "os.path.isdir", "print"}
)
BLIND_METHODS = frozenset({"exists", "is_file", "is_dir", "strip", "lower", "upper", "get"})


def is_host(node: ast.AST) -> bool:
    """Whether an expression is the literal name of a host, or its URL."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and HOST.match(node.value) is not None


def checked_names(test: ast.expr, names: Names) -> Iterator[str]:
    """The variables whose content a test looks at."""
    for node in walk(test):
        if isinstance(node, ast.Call):
            yield from _examined(node, names)
        elif isinstance(node, ast.Compare):
            held = isinstance(node.ops[0], ast.In | ast.NotIn | ast.Eq | ast.NotEq)
            empty = isinstance(node.comparators[0], ast.Constant) and not node.comparators[0].value
            if held and not empty and not is_host(node.left):
                yield from (*variables(node.left), *variables(node.comparators[0]))


def _examined(node: ast.Call, names: Names) -> Iterator[str]:
    if names.of(node.func) in BLIND:
        return
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in BLIND_METHODS:
            return
        yield from variables(node.func.value)
    for argument in (*node.args, *(k.value for k in node.keywords)):
        yield from variables(argument)


def variables(node: ast.AST) -> Iterator[str]:
    """The names in an expression."""
    return (inner.id for inner in walk(node) if isinstance(inner, ast.Name))
