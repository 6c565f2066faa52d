"""Slow patterns that no tool here reports: work on a whole list in every round of a loop.

Found by syntax alone, and only where the name is surely a list that the function itself makes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..change.change import Change, Unit, UnitKind
from ..finding import Category, Finding, Location, Proof, Severity
from ..nodes import walk
from .base import Evidence, Sides, Units

LIST_CALLS = frozenset({"list", "sorted"})
# Without one of these a text neither makes a list nor sorts, so that it need not be parsed.
MAKES_A_LIST = re.compile(r"\[|list|sorted")
SLOW_METHODS = frozenset({"index", "count", "remove"})
LOOPS = (ast.For, ast.AsyncFor, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Functions = ast.FunctionDef | ast.AsyncFunctionDef


MESSAGES = {
    "list-search-in-loop": "`{}` is a list that is searched from its start in every round of a loop: "
    "the time grows with the square of the input; a set or a dict finds in constant time",
    "list-shift-in-loop": "every round of a loop moves all of the list `{}` by one place: "
    "the time grows with the square of the input; collections.deque takes and adds at both ends in constant time",
    "list-copy-in-loop": "every round of a loop copies the whole list `{}`: "
    "the time grows with the square of the input; append or extend changes it in place",
    "sorted-for-one": "sorting all of it for its first or last element: min or max finds that in one pass",
}


@dataclass(frozen=True, slots=True)
class Search:
    """Work on a whole list: the line it is on, the list, and which of the patterns it is."""

    line: int
    name: str
    slug: str = "list-search-in-loop"


class Patterns:
    """The collector of slow patterns."""

    name = "patterns"

    def collect(self, change: Change, sides: Sides, units: Units) -> Evidence:  # noqa: ARG002 - the Protocol
        """Look at each changed function; a search that the base had too, by its text, is not reported."""
        found = [f for unit in units() if unit.kind in {UnitKind.FUNCTION, UnitKind.METHOD} for f in _unit(unit)]
        return Evidence(findings=tuple(found))


def _unit(unit: Unit) -> Iterator[Finding]:
    if unit.head is None:
        return
    lines = unit.head.text.split("\n")
    old = {line.strip() for line in unit.base.text.split("\n")} if unit.base else set()
    for search in searches(unit.head.text):
        number, quote = unit.head.start + search.line - 1, lines[search.line - 1]
        if number in unit.changed and quote.strip() not in old:
            yield Finding(
                rule_id=f"performance/{search.slug}",
                category=Category.PERFORMANCE,
                severity=Severity.NOTE,
                proof=Proof.TOOL,
                location=Location(unit.path, number, number),
                quote=quote,
                message=MESSAGES[search.slug].format(search.name),
                sources=("llm-review",),
                unit=unit.name,
            )


def searches(text: str) -> tuple[Search, ...]:
    """The linear searches inside loops of a function's text (as indented); () when it does not parse."""
    if text.isascii() and not MAKES_A_LIST.search(text):
        return ()
    # A unit may begin with blank lines.
    indented = "if True:\n" + text if text.lstrip("\n")[:1].isspace() else "\n" + text
    try:
        tree = ast.parse(indented)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found = {s for node in walk(tree) if isinstance(node, Functions) for s in _function(node)}
    return tuple(sorted((replace(s, line=s.line - 1) for s in found), key=lambda s: (s.line, s.slug)))


def _function(function: Functions) -> Iterator[Search]:
    nodes = walk(function)
    lists = _lists(function, nodes)
    subscripts = (n for n in nodes if isinstance(n, ast.Subscript))
    yield from (Search(n.lineno, "", "sorted-for-one") for n in subscripts if _is_sorted_for_one(n))
    for loop in nodes if lists else ():
        if isinstance(loop, LOOPS):
            yield from _searched([*loop.body, *([loop.test] if isinstance(loop, ast.While) else [])], lists)
        elif isinstance(loop, COMPREHENSIONS):
            yield from _searched([c for g in loop.generators for c in g.ifs], lists)


def _lists(function: Functions, nodes: Sequence[ast.AST]) -> frozenset[str]:
    """Local names that are bound to lists and to nothing else, and are not short constants."""
    good: set[str] = set()
    bad = {a.arg for a in walk(function.args) if isinstance(a, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {t.id for t in targets if isinstance(t, ast.Name)}
            (good if _is_list(node.value) else bad).update(names)
    return frozenset(good - bad)


def _is_list(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in LIST_CALLS
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.Add) and isinstance(value.right, ast.List)
    return isinstance(value, ast.ListComp) or (isinstance(value, ast.List) and not value.elts)


def _searched(body: Sequence[ast.AST], lists: frozenset[str]) -> Iterator[Search]:
    for node in (inner for statement in body for inner in walk(statement)):
        name = _name(node)
        if name in lists:
            yield Search(node.lineno, name)  # type: ignore[attr-defined]
        elif (name := _shifted(node)) in lists:
            yield Search(node.lineno, name, "list-shift-in-loop")  # type: ignore[attr-defined]
        elif (name := _copied(node)) in lists:
            yield Search(node.lineno, name, "list-copy-in-loop")  # type: ignore[attr-defined]


def _name(node: ast.AST) -> str:
    """The name that a node searches from its start, or ""."""
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        right = node.comparators[0]
        return right.id if isinstance(right, ast.Name) else ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SLOW_METHODS:
        value = node.func.value
        return value.id if isinstance(value, ast.Name) else ""
    return ""


def _shifted(node: ast.AST) -> str:
    """The name of a list that a node takes from or adds to at its start, or ""."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return ""
    first, value = node.args[0], node.func.value
    at_start = isinstance(first, ast.Constant) and first.value == 0 and first.value is not False
    shifts = (node.func.attr, len(node.args)) in {("pop", 1), ("insert", 2)}
    return value.id if at_start and shifts and isinstance(value, ast.Name) else ""


def _copied(node: ast.AST) -> str:
    """The name in `name = name + [...]`, or ""."""
    match node:
        case ast.Assign(
            targets=[ast.Name(id=target)], value=ast.BinOp(left=ast.Name(id=left), op=ast.Add(), right=ast.List())
        ) if target == left:
            return target
        case _:
            return ""


def _is_sorted_for_one(node: ast.Subscript) -> bool:
    """Whether a node is `sorted(...)[0]` or `sorted(...)[-1]`; with a key, equal ones may come in another order."""
    if not isinstance(node.value, ast.Call):
        return False
    call = node.value
    plain = isinstance(call.func, ast.Name) and call.func.id == "sorted" and not call.keywords
    return plain and ast.unparse(node.slice) in {"0", "-1"}
