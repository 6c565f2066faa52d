"""A test that looks, turned back into one that judges: one of its sights becomes an assertion."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Sequence

from .looking import Sight
from .observe import Watcher
from .probe import Function
from .prune import is_noise


class Plain(ast.NodeTransformer):
    """Takes observations out of an expression again."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Only what was observed is left."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "_observe_":
            return node.args[1]
        if isinstance(node.func, ast.Name) and node.func.id == "_attempt_" and isinstance(node.args[1], ast.Lambda):
            return node.args[1].body
        return node


def pinned(function: Function, sight: Sight | None, raises: bool) -> Function | None:
    """The steps without their observations, up to the sight, which becomes an assertion."""
    watcher = _Pinner(sight, raises)
    fresh = watcher.visit(copy.deepcopy(function))
    if sight is not None and not watcher.done:
        return None
    if sight is not None:
        ends = [i for i, s in enumerate(fresh.body) if _holds(s)]
        # What is looked at in a function of its own is only looked at when that is called.
        inside = ends and isinstance(fresh.body[ends[-1]], ast.FunctionDef | ast.AsyncFunctionDef)
        fresh.body = fresh.body[: ends[-1] + 1] if ends and not inside else fresh.body
    fresh = _NoPass().visit(Plain().visit(fresh))
    fresh.name = function.name.partition("__v")[0]
    return ast.fix_missing_locations(fresh)  # type: ignore[no-any-return]


class _NoPass(ast.NodeTransformer):
    """Takes out statements that do nothing, where others stay."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [s for s in body if not isinstance(s, ast.Pass) and not is_noise(s)]
            node.body = kept or body[:1]  # type: ignore[attr-defined]
        return node


def _holds(statement: ast.stmt) -> bool:
    return any(getattr(node, "pinned", False) for node in ast.walk(statement))


class _Pinner(Watcher):
    """Like the watcher, in the same order; the one that is meant becomes an assertion, the others stay as they are."""

    def __init__(self, sight: Sight | None, raises: bool) -> None:
        super().__init__()
        self._sight, self._raises = sight, raises
        self.done = False

    def _looks(self, expressions: Sequence[ast.expr]) -> list[ast.stmt]:
        statements: list[ast.stmt] = []
        for expression in expressions:
            number = len(self.watched)
            self._attempt(expression)
            if self._sight is not None and number == self._sight.number:
                statements += self._assertion(expression)
            elif any(isinstance(n, ast.Call) for n in ast.walk(expression)):
                statements.append(ast.Expr(expression))
        return statements

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:  # noqa: N802 - ast's name
        before = len(self.watched)
        changed = super().visit_Expr(node)
        if isinstance(changed, ast.Expr) and len(self.watched) == before + 1 and self._is_meant(before):
            return self._assertion(self.watched[before])
        return changed

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:  # noqa: N802 - ast's name
        before = len(self.watched)
        changed = super().visit_Assign(node)
        if len(self.watched) == before + 1 and self._is_meant(before):
            return [changed, *self._assertion(ast.Name(node.targets[0].id, ast.Load()))]  # type: ignore[attr-defined,list-item]
        return changed

    def visit_With(self, node: ast.With) -> ast.AST:  # noqa: N802 - ast's name
        """The number of a block that is expected to raise is used up, and the block stays."""
        numbers = {id(i): len(self.watched) for i in node.items}
        calls = [copy.deepcopy(i.context_expr) for i in node.items]
        super().visit_With(node)
        for item, call in zip(node.items, calls, strict=True):
            item.context_expr = call
            if self._is_meant(numbers[id(item)]) and self._sight and self._sight.kind == "raised":
                self.done = True
                node.pinned = True  # type: ignore[attr-defined]
        return node

    def _is_meant(self, number: int) -> bool:
        return self._sight is not None and number == self._sight.number and not self.done

    def _assertion(self, expression: ast.expr) -> list[ast.stmt]:
        made = _asserted(Plain().visit(copy.deepcopy(expression)), self._sight)
        self.done = bool(made) or self._raises
        statements = made or [ast.Expr(expression)]
        for statement in statements:
            statement.pinned = True  # type: ignore[attr-defined]
        return statements


def _asserted(expression: ast.expr, sight: Sight | None) -> list[ast.stmt]:
    """The base's value as an assertion; none where it cannot be written."""
    if sight is None:
        return []
    source = ast.unparse(expression)
    if "items" in {sight.kind, sight.form}:
        source = f"list(itertools.islice({source}, 60))"
    if sight.kind == "raised":
        return ast.parse(_raises(source, sight.text)).body
    if sight.literal in {"None", "True", "False"} and sight.form == "{}":
        return ast.parse(f"assert ({source}) is {sight.literal}").body
    if sight.literal:
        shown = f"({source})" if sight.form == "{}" else sight.form.format(source)
        return ast.parse(f"assert {shown} == {sight.literal}").body
    return _approximately(source, sight.text)


def _approximately(source: str, text: str) -> list[ast.stmt]:
    try:
        float(text)
    except ValueError:
        return []
    number = f"float({text!r})" if text in {"inf", "-inf", "nan"} else text
    return ast.parse(f"assert ({source}) == pytest.approx({number}, nan_ok=True)").body


def _raises(source: str, name: str) -> str:
    """Where the exception is not one of Python's own, its name is compared: the test need not import it."""
    if isinstance(getattr(builtins, name, None), type):
        return f"with pytest.raises({name}):\n    {source}"
    return f"with pytest.raises(Exception) as caught:\n    {source}\nassert caught.type.__name__ == {name!r}"
