"""A failing test in few words for the model: the statement that fails, with the values that its names had.

A small model does not read tracebacks. `assert area(3, 4) == 12` and `assert 7 == 12` tell it what it needs.
"""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .outcome import TestOutcome

SAID_LINES, SAID_LIMIT = 6, 400
SOURCE_LINES = 20
STATEMENT_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Failing:
    """A failing test: `code` is the statement that fails, values in it, or, where that does not stand `alone`, the test
    as far as that statement; `said` is what became of it; `values` are the test's local names.
    """

    code: str
    said: str
    alone: bool
    values: Mapping[str, str]


def failing(outcome: TestOutcome, head: Path) -> Failing | None:
    """The failing test in few words; None where its source is not found. `head` is the folder with the tests."""
    name = outcome.node_id.partition("::")[0]
    lines = [f.line for f in outcome.frames if f.path == name]
    try:
        text = (head / name).read_text("utf-8")
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    test = _function(tree, lines[-1]) if lines else None
    statement = _statement(test, lines[-1]) if test else None
    if test is None or statement is None:
        return None
    alone = _stands_alone(statement, test, outcome.values)
    code = _with_values(statement, outcome.values) if alone else _source(text, test, lines[-1])
    return Failing(code, _became(outcome), alone, outcome.values)


def _function(tree: ast.Module, line: int) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The innermost function that holds a line."""
    found = None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
            found = node
    return found


def _statement(test: ast.AST, line: int) -> ast.stmt | None:
    """The innermost statement that holds a line, without what is nested in it."""
    found = None
    for node in ast.walk(test):
        if isinstance(node, ast.stmt) and node is not test and node.lineno <= line <= (node.end_lineno or 0):
            found = node
    return None if hasattr(found, "body") else found


class _Values(ast.NodeTransformer):
    """Puts values in the place of names, and spreads lists that are spread in a call."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        known = isinstance(node.ctx, ast.Load) and node.id in self._values
        return copy.deepcopy(self._values[node.id]) if known else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        spread = []
        for argument in node.args:
            inner = argument.value if isinstance(argument, ast.Starred) else None
            spread += inner.elts if isinstance(inner, ast.List | ast.Tuple) else [argument]
        node.args = spread
        return node


def _known(values: Mapping[str, str]) -> dict[str, ast.expr]:
    """The values that can be written as code."""
    found = {}
    for name, words in values.items():
        try:
            found[name] = ast.parse(words, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return found


def _with_values(statement: ast.stmt, values: Mapping[str, str]) -> str:
    filled = _Values(_known(values)).visit(copy.deepcopy(statement))
    return ast.unparse(ast.fix_missing_locations(filled))


def _stands_alone(statement: ast.stmt, test: ast.AST, values: Mapping[str, str]) -> bool:
    """Whether the statement calls something and every local name in it has a value."""
    names = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
    arguments = {a.arg for a in ast.walk(test) if isinstance(a, ast.arg)}
    local = {n.id for n in ast.walk(test) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} | arguments
    known = _known(values)
    unknown = {n for n in names & local if n not in known}
    calls = any(isinstance(n, ast.Call) for n in ast.walk(statement))
    return calls and not unknown and len(_with_values(statement, values)) <= STATEMENT_LIMIT


def _source(text: str, test: ast.FunctionDef | ast.AsyncFunctionDef, line: int) -> str:
    """The test from its head to the line that fails, the nearest lines where it is long."""
    lines = text.split("\n")[test.lineno - 1 : line]
    if len(lines) > SOURCE_LINES:
        lines = [lines[0], *lines[1 - SOURCE_LINES :]]
    return textwrap.dedent("\n".join(lines))


def _became(outcome: TestOutcome) -> str:
    """What pytest said, without its notes on how to see more."""
    if outcome.outcome == "timeout" or "Timeout" in outcome.message:
        return "It does not come to an end."
    said = [line for line in outcome.message.splitlines() if line.strip() and "Use -v" not in line]
    return f"It gives {outcome.exception}: " + "\n".join(said[:SAID_LINES])[:SAID_LIMIT]
