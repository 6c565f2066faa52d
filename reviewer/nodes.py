"""The nodes of a syntax tree."""

from __future__ import annotations

import ast


def walk(tree: ast.AST) -> list[ast.AST]:
    """What `ast.walk` gives, in its order and in half its time; it must not be changed meanwhile."""
    found = [tree]
    for node in found:
        for name in node._fields:
            value = getattr(node, name, None)
            if value.__class__ is list:
                found += [inner for inner in value if isinstance(inner, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)
    return found
