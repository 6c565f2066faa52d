"""Two syntax trees side by side: what stands in the place of what, in pieces short enough to be quoted."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, TypeGuard

LONGEST = 72
Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While, ast.If),
    *(ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match),
)  # fmt: skip
# Of these nothing is said here: signatures are compared by their parameters.
PASSED_OVER = {Function: {"args", "returns", "type_comment"}}


@dataclass(frozen=True, slots=True)
class Replaced:
    """A node of the base and the one in its place; None where there is none. `inside`: what they are assigned to or
    given to, "" where they are statements.
    """

    old: ast.AST | None
    new: ast.AST | None
    inside: str = ""


def parsed(text: str, *, docstrings: bool = True, annotations: bool = True) -> ast.Module:
    """A unit's text as a tree, without its docstrings or annotations if so wished.

    Raises SyntaxError, ValueError, RecursionError or MemoryError.
    """
    tree = ast.parse(textwrap.dedent(text))
    for node in ast.walk(tree):
        if not docstrings and _has_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
        if not annotations:
            _unannotated(node)
    return tree


def _has_docstring(node: ast.AST) -> TypeGuard[ast.Module | Function | ast.ClassDef]:
    return isinstance(node, ast.Module | Function | ast.ClassDef) and ast.get_docstring(node, clean=False) is not None


def _unannotated(node: ast.AST) -> None:
    """Take away what this node itself has of annotations; a variable that is only declared stays so."""
    if isinstance(node, Function):
        node.returns = None
    elif isinstance(node, ast.arg):
        node.annotation = None
    for name in ("body", "orelse", "finalbody"):
        nodes = getattr(node, name, None)
        if isinstance(nodes, list):
            nodes[:] = [_plain(one) for one in nodes]


def _plain(node: ast.AST) -> ast.AST:
    if not isinstance(node, ast.AnnAssign) or node.value is None:
        return node
    return ast.copy_location(ast.Assign([node.target], node.value), node)


def differences(old: Sequence[ast.AST], new: Sequence[ast.AST], inside: str = "") -> Iterator[Replaced]:
    """What differs between two lists of nodes: the largest pieces that can be quoted on one line each.

    What is too long for that and of one kind on both sides is looked into; else it is given as it is.
    """
    for gone, come in _unlike([ast.dump(node) for node in old], [ast.dump(node) for node in new], old, new):
        for some, others in _unlike([_kind(n) for n in gone], [_kind(n) for n in come], gone, come, alike=True):
            if len(some) == len(others):
                for one, other in zip(some, others, strict=True):
                    yield from _within(one, other, inside)
            else:
                yield from (Replaced(node, None, inside) for node in some)
                yield from (Replaced(None, node, inside) for node in others)


Run = tuple[Sequence[ast.AST], Sequence[ast.AST]]


def _unlike(
    keys: Sequence[Any], others: Sequence[Any], old: Sequence[ast.AST], new: Sequence[ast.AST], *, alike: bool = False
) -> Iterator[Run]:
    """The runs of two lists whose keys differ, and with `alike` those whose keys do not, too."""
    for tag, a, b, c, d in SequenceMatcher(None, keys, others, autojunk=False).get_opcodes():
        if alike or tag != "equal":
            yield old[a:b], new[c:d]


def _within(old: ast.AST, new: ast.AST, inside: str) -> Iterator[Replaced]:
    if ast.dump(old) == ast.dump(new):
        return
    if _are_strangers(old, new):
        yield Replaced(old, None, inside)
        yield Replaced(None, new, inside)
        return
    if type(old) is not type(new) or (quoted(old) and quoted(new) and not isinstance(old, BLOCKS)):
        yield Replaced(old, new, inside)
        return
    if isinstance(old, ast.Dict) and isinstance(new, ast.Dict):
        yield from differences(_entries(old), _entries(new), inside)
        return
    passed_over = next((names for kind, names in PASSED_OVER.items() if isinstance(old, kind)), set[str]())
    for name in old._fields:
        if name not in passed_over:
            yield from _field(old, new, name, _name(old) or inside)


def _are_strangers(old: ast.AST, new: ast.AST) -> bool:
    """Whether one is not what became of the other: a block and a statement, long assignments to other names."""
    if type(old) is not type(new):
        return isinstance(old, BLOCKS) or isinstance(new, BLOCKS)
    return isinstance(old, ast.Assign) and not (quoted(old) and quoted(new)) and _name(old) != _name(new)


def _field(old: ast.AST, new: ast.AST, name: str, inside: str) -> Iterator[Replaced]:
    one, other = getattr(old, name, None), getattr(new, name, None)
    if isinstance(one, list) and isinstance(other, list) and all(isinstance(n, ast.AST) for n in (*one, *other)):
        yield from differences(one, other, inside)
    elif isinstance(one, ast.AST) and isinstance(other, ast.AST):
        yield from _within(one, other, inside)
    elif one != other:
        gone, come = (value if isinstance(value, ast.AST) else None for value in (one, other))
        yield Replaced(gone, come, inside) if gone or come else Replaced(old, new, inside)


def _kind(node: ast.AST) -> tuple[type[ast.AST], str]:
    """What nodes that belong together have in common."""
    return type(node), _name(node.value if isinstance(node, ast.Expr) else node)


def _entries(node: ast.Dict) -> list[ast.AST]:
    """A dictionary as one of its own for each of its entries."""
    return [ast.Dict([key], [value]) for key, value in zip(node.keys, node.values, strict=True)]


def _name(node: ast.AST) -> str:
    """What a statement assigns to, or a call calls."""
    if isinstance(node, ast.Assign):
        return quoted(node.targets[0])
    if isinstance(node, ast.AnnAssign | ast.AugAssign):
        return quoted(node.target)
    return quoted(node.func) if isinstance(node, ast.Call) else ""


def quoted(node: ast.AST) -> str:
    """A node as one line of code, of a compound statement its first line; "" where that is too long or none."""
    text = _line(node)
    return text if len(text) <= LONGEST else ""


def clipped(node: ast.AST) -> str:
    """As `quoted`, but what is too long is cut off and ends with "…"."""
    text = _line(node)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2].rstrip()} …"


def _line(node: ast.AST) -> str:
    if not isinstance(node, ast.expr | ast.stmt | ast.ExceptHandler | ast.keyword):
        return ""
    text = ast.unparse(node)
    if isinstance(node, (*BLOCKS, ast.ExceptHandler)):
        text = next(line for line in text.strip().split("\n") if not line.startswith("@"))
    return text if "\n" not in text and "`" not in text else ""
