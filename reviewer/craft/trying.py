"""A model's test module as a value, from which tests and single assertions can be taken out."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..verify.outcome import TestOutcome

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Tests:
    """What comes before the tests, the tests as source by name, and what was taken out of them, in words."""

    __test__ = False
    head: str
    tests: tuple[tuple[str, str], ...]
    dropped: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The module."""
        return "\n\n\n".join((self.head, *(source for _, source in self.tests))) + "\n"

    @property
    def checks(self) -> int:
        """How many statements of it can fail: assertions, and exceptions that are expected."""
        return sum(len(checks_of(source)) for _, source in self.tests)

    def without(self, names: Collection[str]) -> Tests:
        """The same without some tests."""
        return replace(self, tests=tuple(t for t in self.tests if t[0] not in names))

    def corrected(self, red: Sequence[TestOutcome], path: str) -> Tests:
        """Without what does not hold: the assertion that failed, or the whole test where something else did.

        `path` is the file that it was run as. Without its last assertion a test is gone.
        """
        lines = {o.node_id.partition("::")[2].partition("[")[0]: _line(o, path) for o in red}
        kept, dropped, row = [], list(self.dropped), self.head.count("\n") + 4
        for name, source in self.tests:
            statement = _statement(source, lines[name] - row + 1) if name in lines else None
            shorter = _without(source, statement) if statement is not None else source
            if name not in lines or (statement is not None and checks_of(shorter)):
                kept.append((name, shorter))
            if name in lines:
                dropped.append(_said(name, statement))
            row += source.count("\n") + 4 - 1
        return Tests(self.head, tuple(kept), tuple(dropped))


def read(code: str, imported: str, own: Collection[str]) -> Tests | None:
    """The tests of a reply; None where none of them checks anything.

    `imported` is the statement that imports what is tested. Of the reply's own imports those of the standard library,
    pytest and the project's `own` modules stay.
    """
    tests: dict[str, str] = {}
    before: list[str] = []
    for node in _parsed(code):
        if isinstance(node, Function) and node.name.startswith("test"):
            tests[node.name] = ast.unparse(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            before += [ast.unparse(node)] if _may_stay(node, own) else []
        elif not isinstance(node, ast.If | ast.Expr):
            before.append(ast.unparse(node))
    kept = tuple((n, source) for n, source in tests.items() if checks_of(source))
    return Tests("\n".join(dict.fromkeys([*before, imported])), kept) if kept else None


def _parsed(code: str) -> list[ast.stmt]:
    """The statements; of a text that was cut those of the part that parses."""
    lines = code.split("\n")
    for end in range(len(lines), 0, -1):
        try:
            return ast.parse("\n".join(lines[:end])).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return []


def _may_stay(node: ast.Import | ast.ImportFrom, own: Collection[str]) -> bool:
    names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    tops = {n.partition(".")[0] for n in names}
    return all(t == "pytest" or t in sys.stdlib_module_names or t in own for t in tops)


def checks_of(source: str) -> list[ast.stmt]:
    """The statements of a test that can fail."""
    return [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Assert) or _expects(n)]  # type: ignore[misc]


def _expects(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and any("raises" in ast.unparse(i.context_expr) for i in node.items)


def _line(outcome: TestOutcome, path: str) -> int:
    """The last line of the file that the failure went through; 0 where it is not known."""
    return next((f.line for f in reversed(outcome.frames) if f.path == path), 0)


def _statement(source: str, line: int) -> ast.stmt | None:
    """The assertion of a test that holds a line of its source (1-based); None for any other statement."""
    found = [n for n in checks_of(source) if n.lineno <= line <= (n.end_lineno or n.lineno)]
    return found[-1] if found else None


class _Cutter(ast.NodeTransformer):
    def __init__(self, line: int) -> None:
        self._line = line

    def generic_visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Assert | ast.With) and node.lineno == self._line:
            return None
        super().generic_visit(node)
        if isinstance(getattr(node, "body", None), list) and not node.body:  # type: ignore[attr-defined]
            node.body = [ast.Pass()]  # type: ignore[attr-defined]
        return node


def _without(source: str, statement: ast.stmt) -> str:
    return ast.unparse(ast.fix_missing_locations(_Cutter(statement.lineno).visit(ast.parse(source))))


def _said(name: str, statement: ast.stmt | None) -> str:
    return f"{name}: {ast.unparse(statement).splitlines()[0]}" if statement is not None else f"{name}, whole"
