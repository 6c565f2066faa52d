"""A unit broken on purpose, one small thing at a time, to see whether tests notice: whole texts of its file."""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .judge import parses
from .patch import Definition, same_code

COMPARE: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
ARITHMETIC: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}  # fmt: skip
MOST = 12


@dataclass(frozen=True, slots=True)
class Mutant:
    """`text` is the whole file; `what` says what is wrong with it: "line 3: `a < b` became `a <= b`"."""

    text: str
    what: str


def mutants(text: str, name: str, most: int = MOST) -> list[Mutant]:
    """Different programs, at most so many: drawn so that every line has one before any has two."""
    node = definition_of(text, name)
    if node is None:
        return []
    found = [(at, m) for at, new in _changes(node) if (m := _with(text, at, new)) is not None]
    random.Random(0).shuffle(found)  # noqa: S311 - repeatable, not secret
    turn: dict[int, int] = {}
    ranked = []
    for at, mutant in found:
        turn[at.lineno] = turn.get(at.lineno, 0) + 1
        ranked.append((turn[at.lineno], mutant))
    return [m for _, m in sorted(ranked, key=lambda r: r[0])][:most]


def definition_of(text: str, name: str) -> Definition | None:
    """The definition with a qualified name ("Class.method"), or None."""
    body: list[ast.stmt] = ast.parse(text).body
    found: Definition | None = None
    for part in name.split("."):
        found = next((n for n in body if isinstance(n, Definition) and n.name == part), None)
        body = found.body if found else []
    return found


def _changes(node: Definition) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Expressions of the body, and what stands there instead."""
    skipped = {id(n) for part in _fixed(node) for n in ast.walk(part)}
    for inner in (n for statement in node.body for n in ast.walk(statement)):
        if id(inner) in skipped:
            continue
        if isinstance(inner, ast.If | ast.While | ast.IfExp):
            yield inner.test, ast.UnaryOp(ast.Not(), inner.test)
        if isinstance(inner, ast.Return) and inner.value and not _is_none(inner.value):
            yield inner.value, ast.Constant(None)
        if isinstance(inner, ast.expr) and (new := _instead(inner)) is not None:
            yield inner, new


def _fixed(node: Definition) -> Iterator[ast.AST]:
    """What is prose, a pattern, an annotation, or a part of an f-string, whose place is not certain."""
    for inner in ast.walk(node):
        match inner:
            case ast.JoinedStr() | ast.MatchValue() | ast.Expr(value=ast.Constant()):
                yield inner
            case ast.AnnAssign(annotation=ast.AST() as annotation) | ast.arg(annotation=ast.AST() as annotation):
                yield annotation


def _instead(node: ast.expr) -> ast.expr | None:
    """The same with another operator or constant."""
    match node:
        case ast.Compare(ops=[op, *rest]) if type(op) in COMPARE:
            return ast.Compare(node.left, [COMPARE[type(op)](), *rest], node.comparators)
        case ast.BinOp(op=op) if type(op) in ARITHMETIC:
            return ast.BinOp(node.left, ARITHMETIC[type(op)](), node.right)
        case ast.BoolOp(op=op):
            return ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not()):
            return node.operand
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return ast.Constant(_other(value))
    return None


def _other(value: str | float) -> str | float:
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return "" if value else "mutated"
    return value + 1


def bare(node: Definition, body: list[ast.stmt]) -> Definition:
    """A definition with another body, without its decorators."""
    fresh = copy.copy(node)
    fresh.body, fresh.decorator_list = body, []
    return fresh


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _with(text: str, at: ast.expr, new: ast.expr) -> Mutant | None:
    """The file with an expression replaced; None where that is no other program."""
    lines = [line.encode("utf-8", "surrogateescape") for line in text.split("\n")]
    first, last = at.lineno - 1, (at.end_lineno or at.lineno) - 1
    before, after = lines[first][: at.col_offset], lines[last][at.end_col_offset :]
    words = ast.unparse(ast.fix_missing_locations(ast.Expression(new)))
    lines[first : last + 1] = [before + f"({words})".encode("utf-8", "surrogateescape") + after]
    changed = b"\n".join(lines).decode("utf-8", "surrogateescape")
    if not parses(changed) or same_code(changed, text):
        return None
    return Mutant(changed, f"line {at.lineno}: `{_short(ast.unparse(at))}` became `{_short(words)}`")


def _short(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= 60 else flat[:59] + "…"
