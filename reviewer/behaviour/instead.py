"""What may stand in a test instead of one of its nodes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from .copied import copied
from .values import Vocabulary, others
from .wrap import wrapped


def instead_of(node: ast.AST, words: Vocabulary, names: Sequence[str]) -> Iterator[tuple[ast.AST | None, bool]]:
    """What may stand there instead (None: nothing), and whether it keeps the type."""
    if isinstance(node, ast.Constant):
        yield from ((ast.Constant(value), typed) for value, typed in others(node.value, words))  # type: ignore[arg-type]
        return
    for other in _of_expression(node, words, names):
        yield other, True
    if isinstance(node, ast.Call) and called(node) in words.parameters:
        yield from ((other, False) for other in wrapped(node, words.wraps))


def _of_expression(node: ast.AST, words: Vocabulary, names: Sequence[str]) -> Iterator[ast.AST | None]:
    if isinstance(node, ast.List | ast.Tuple | ast.Set) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        yield from _displays(node)
    elif isinstance(node, ast.Dict):
        for i in range(len(node.keys)):
            yield ast.Dict(node.keys[:i] + node.keys[i + 1 :], node.values[:i] + node.values[i + 1 :])
    elif isinstance(node, ast.keyword):
        yield None
    elif isinstance(node, ast.Call):
        yield from _calls(node, words)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        yield from (ast.Name(name, ast.Load()) for name in names if name != node.id)
    elif isinstance(node, ast.Expr | ast.Assign | ast.AugAssign) and not _is_prose(node):
        yield from _statements(node)
    elif isinstance(node, ast.Compare | ast.BinOp):
        yield from _operators(node)


GIVEN = ("None", "True", "False", "0", "1", "2", "-1", "''", "'a'", "[]", "()", "{}", "1.5", "0.5", "-0.5")


def _calls(node: ast.Call, words: Vocabulary) -> Iterator[ast.Call]:
    """The call with one more argument that it may be given, or without its last one."""
    name = called(node)
    parameters = words.parameters.get(name, ())
    given = {k.arg for k in node.keywords} | set(parameters[: len(node.args)])
    texts = [repr(text) for text in words.texts[:6]]
    for parameter in parameters:
        for value in (*GIVEN, *map(repr, words.numbers[:6]), *texts) if parameter not in given else ():
            added = ast.keyword(parameter, ast.parse(value, mode="eval").body)
            yield ast.Call(node.func, node.args, [*node.keywords, added])
    if parameters and len(node.args) > 1:
        yield ast.Call(node.func, node.args[:-1], node.keywords)


def called(call: ast.Call) -> str:
    """The last name of what is called, or ""."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_prose(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _displays(node: ast.List | ast.Tuple | ast.Set) -> Iterator[ast.AST]:
    elements = node.elts
    versions = [elements[::-1], *(elements[:i] + elements[i + 1 :] for i in range(min(len(elements), 6)))]
    versions += [elements + elements[:1], elements[:1], []]
    for version in versions:
        if version == elements or (isinstance(node, ast.Set) and not 0 < len(version) < len(elements)):
            continue
        yield type(node)(version, ast.Load()) if not isinstance(node, ast.Set) else ast.Set(version)


def _statements(node: ast.Expr | ast.Assign | ast.AugAssign) -> Iterator[ast.AST | None]:
    """Twice; and a step that binds no name is left out."""
    yield ast.Module([node, copied(node)], [])
    if isinstance(node, ast.Expr | ast.AugAssign) or not isinstance(node.targets[0], ast.Name):
        yield None


LIKE: dict[type[ast.AST], tuple[Any, ...]] = {
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.BitOr: (ast.BitAnd, ast.Sub, ast.BitXor), ast.BitAnd: (ast.BitOr, ast.Sub, ast.BitXor),
    ast.Sub: (ast.Add, ast.BitAnd), ast.Add: (ast.Sub,), ast.Mult: (ast.Add,), ast.Eq: (ast.Lt, ast.LtE, ast.GtE),
    ast.BitXor: (ast.BitOr, ast.BitAnd),
}  # fmt: skip


def _operators(node: ast.Compare | ast.BinOp) -> Iterator[ast.AST]:
    operator = node.ops[0] if isinstance(node, ast.Compare) else node.op
    for other in LIKE.get(type(operator), ()):
        if isinstance(node, ast.Compare):
            yield ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)
        else:
            yield ast.BinOp(node.left, other(), node.right)
