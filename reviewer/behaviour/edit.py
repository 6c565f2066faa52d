"""Edits of a syntax tree that share what they do not touch: to vary a test is to make hundreds of versions of it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Node = TypeVar("Node", bound=ast.AST)
Parents = Mapping[int, ast.AST]


@dataclass(frozen=True, slots=True)
class Edit:
    """`new` in the place of `old`, a node of the tree: None takes it out, a Module puts its statements there.

    `typed`: every value keeps its type.
    """

    old: ast.AST
    new: ast.AST | None
    typed: bool = True


def parents_of(root: ast.AST) -> Parents:
    """The parent of each node, by the node's identity; the root has none."""
    return {id(child): node for node in ast.walk(root) for child in ast.iter_child_nodes(node)}


def above(node: ast.AST, parents: Parents) -> set[int]:
    """The identities of a node and of all that it is in."""
    found, one = {id(node)}, parents.get(id(node))
    while one is not None:
        found.add(id(one))
        one = parents.get(id(one))
    return found


def edited(root: Node, edits: Sequence[Edit], parents: Parents) -> Node:
    """The tree with the edits made; neither it nor the given one may be changed in place afterwards."""
    marked = {one for edit in edits for one in above(edit.old, parents)}
    return _rebuilt(root, {id(edit.old): edit.new for edit in edits}, marked)


def _rebuilt(node: Node, swapped: Mapping[int, ast.AST | None], marked: set[int]) -> Node:
    if id(node) not in marked:
        return node
    fresh = node.__class__.__new__(node.__class__)
    fresh.__dict__.update(node.__dict__)
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            items = [new for item in value for new in _instead(item, swapped, marked)]
            setattr(fresh, name, items or ([ast.Pass()] if name == "body" else []))
        elif isinstance(value, ast.AST):
            new = swapped.get(id(value))
            setattr(fresh, name, new or _rebuilt(value, swapped, marked))
    return fresh


def _instead(item: Any, swapped: Mapping[int, ast.AST | None], marked: set[int]) -> list[Any]:
    if id(item) not in swapped:
        return [_rebuilt(item, swapped, marked) if isinstance(item, ast.AST) else item]
    new = swapped[id(item)]
    return [] if new is None else new.body if isinstance(new, ast.Module) else [new]
