"""Copies of syntax trees, some three times as fast as `copy.deepcopy`: to vary a test is to copy it."""

from __future__ import annotations

import ast
from typing import Any, TypeVar

Node = TypeVar("Node", bound=ast.AST)


def copied(node: Node) -> Node:
    """A tree that shares no node with the given one; places and other attributes are copied along."""
    fresh = node.__class__.__new__(node.__class__)
    fresh.__dict__.update({name: _value(value) for name, value in node.__dict__.items()})
    return fresh


def _value(value: Any) -> Any:
    if isinstance(value, ast.AST):
        return copied(value)
    return [_value(item) for item in value] if isinstance(value, list) else value
