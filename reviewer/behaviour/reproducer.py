"""A difference as a test of its own: it passes on the base and fails on the head, and says what the value was."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Sequence
from pathlib import PurePosixPath

from .looking import Sight
from .observe import Watcher
from .probe import Function

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
SHORT = 160


def path_for(test_path: str, number: int) -> str:
    """Where a reproducer is put: beside the test that it was made from, so that its conftest and data are found."""
    folder = PurePosixPath(test_path).parent
    return str(folder / f"test_llm_review_{number}.py")


def code_for(module: str, outer: str, function: Function, sight: Sight | None, raises: bool) -> str:
    """The source of a test module that holds one test: the steps of `function` and the base's value of one sight.

    `outer` is the test's class or "". Without a sight the steps themselves must not raise; where the head `raises` there,
    the base's value need not be written down. "" where it must and cannot.
    """
    pinned = _pinned(function, sight, raises)
    if pinned is None:
        return ""
    tree = ast.parse(module)
    tree.body = _reachable(_around(tree.body, outer, pinned), outer or pinned.name)
    return _with_imports(ast.unparse(ast.fix_missing_locations(tree)) + "\n")


def _with_imports(code: str) -> str:
    """The modules that an assertion may need, where the test's own module does not have them."""
    tree = ast.parse(code)
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    there = {name for node in tree.body for name in _bound_by(node)}
    missing = [f"import {name}\n" for name in ("itertools", "pytest") if name in used - there]
    futures = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    lines = code.splitlines(keepends=True)
    at = futures[-1].end_lineno or 0 if futures else 0
    return "".join([*lines[:at], *missing, *lines[at:]])


def shown(function: Function, number: int) -> str:
    """The expression of a sight as a person reads it: names that were bound once are replaced by what they are."""
    watcher = Watcher()
    copy_ = copy.deepcopy(function)
    bound: dict[str, ast.expr] = {}
    for node in ast.walk(copy_):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            bound[node.targets[0].id] = copy.deepcopy(node.value)
    watcher.visit(copy_)
    expression = watcher.watched.get(number)
    if expression is None:
        return ""
    plain = ast.unparse(_Plain().visit(copy.deepcopy(expression)))
    for _ in range(3):
        expression = _Inline(bound).visit(copy.deepcopy(_Plain().visit(expression)))
        text = ast.unparse(expression)
        plain = text if len(text) <= SHORT else plain
    return plain


class _Inline(ast.NodeTransformer):
    def __init__(self, bound: dict[str, ast.expr]) -> None:
        self._bound = bound

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return copy.deepcopy(self._bound.get(node.id, node)) if isinstance(node.ctx, ast.Load) else node


class _Plain(ast.NodeTransformer):
    """Takes observations out of an expression again."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "_observe_":
            return node.args[1]
        if isinstance(node.func, ast.Name) and node.func.id == "_attempt_" and isinstance(node.args[1], ast.Lambda):
            return node.args[1].body
        return node


def _pinned(function: Function, sight: Sight | None, raises: bool) -> Function | None:
    """The steps without their observations, up to the sight, which becomes an assertion."""
    watcher = _Pinner(sight, raises)
    fresh = watcher.visit(copy.deepcopy(function))
    if sight is not None and not watcher.pinned:
        return None
    if sight is not None:
        last = next((i for i, s in enumerate(fresh.body) if getattr(s, "pinned", False) or _holds(s)), len(fresh.body))
        fresh.body = fresh.body[: last + 1]
    fresh = _Plain().visit(fresh)
    fresh.name = function.name.partition("__v")[0]
    return ast.fix_missing_locations(fresh)  # type: ignore[no-any-return]


def _holds(statement: ast.stmt) -> bool:
    return any(getattr(node, "pinned", False) for node in ast.walk(statement))


class _Pinner(Watcher):
    """Like the watcher, in the same order; the one that is meant becomes an assertion, the others stay as they are."""

    def __init__(self, sight: Sight | None, raises: bool) -> None:
        super().__init__()
        self._sight, self._raises = sight, raises
        self.pinned = False

    def _looks(self, expressions: Sequence[ast.expr]) -> list[ast.stmt]:
        statements: list[ast.stmt] = []
        for expression in expressions:
            number = len(self.watched)
            self._attempt(expression)
            if self._sight is not None and number == self._sight.number:
                statements.append(self._assertion(expression))
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
            return [changed, self._assertion(ast.Name(node.targets[0].id, ast.Load()))]  # type: ignore[attr-defined]
        return changed

    def visit_With(self, node: ast.With) -> ast.AST:  # noqa: N802 - ast's name
        """The number of a block that is expected to raise is used up, and the block stays."""
        numbers = {id(i): len(self.watched) for i in node.items}
        calls = [copy.deepcopy(i.context_expr) for i in node.items]
        super().visit_With(node)
        for item, call in zip(node.items, calls, strict=True):
            item.context_expr = call
            if self._is_meant(numbers[id(item)]) and self._sight and self._sight.kind == "raised":
                self.pinned = True
                node.pinned = True  # type: ignore[attr-defined]
        return node

    def _is_meant(self, number: int) -> bool:
        return self._sight is not None and number == self._sight.number and not self.pinned

    def _assertion(self, expression: ast.expr) -> ast.stmt:
        made = _asserted(_Plain().visit(copy.deepcopy(expression)), self._sight)
        self.pinned = made is not None or self._raises
        statement: ast.stmt = made or ast.Expr(expression)
        statement.pinned = True  # type: ignore[attr-defined]
        return statement


def _asserted(expression: ast.expr, sight: Sight | None) -> ast.stmt | None:
    """The base's value as an assertion; None where it cannot be written."""
    if sight is None:
        return None
    if sight.kind == "raised":
        return _raises(expression, sight.text)
    if sight.kind == "items":
        call = f"list(itertools.islice({ast.unparse(expression)}, 60))"
        return ast.parse(f"assert {call} == {sight.literal}").body[0] if sight.literal else None
    source = ast.unparse(expression)
    if sight.literal in {"None", "True", "False"}:
        return ast.parse(f"assert ({source}) is {sight.literal}").body[0]
    if sight.literal:
        return ast.parse(f"assert ({source}) == {sight.literal}").body[0]
    return _approximately(source, sight.text)


def _approximately(source: str, text: str) -> ast.stmt | None:
    try:
        float(text)
    except ValueError:
        return None
    number = f"float({text!r})" if text in {"inf", "-inf", "nan"} else text
    return ast.parse(f"assert ({source}) == pytest.approx({number}, nan_ok=True)").body[0]


def _raises(expression: ast.expr, name: str) -> ast.stmt:
    known = isinstance(getattr(builtins, name, None), type)
    with_ = f"with pytest.raises({name if known else 'Exception'}):\n    {ast.unparse(expression)}"
    return ast.parse(with_).body[0]


def _around(body: Sequence[ast.stmt], outer: str, test: Function) -> list[ast.stmt]:
    """The module with no test but this one."""
    kept: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name == outer.partition(".")[0] and outer:
            node.body = _around(node.body, outer.partition(".")[2], test)
            kept.append(node)
        elif not (isinstance(node, Definition) and _is_test(node)):
            kept.append(node)
    return kept if outer else [*kept, test]


def _is_test(node: Definition) -> bool:
    return node.name.startswith("Test" if isinstance(node, ast.ClassDef) else "test")


def _reachable(body: Sequence[ast.stmt], start: str) -> list[ast.stmt]:
    """The statements that the one named `start` needs, directly or through others; imports that nothing uses go."""
    binds = [_bound_by(node) for node in body]
    wanted, kept = {start.partition(".")[0]}, set[int]()
    growing = True
    while growing:
        growing = False
        for i, node in enumerate(body):
            if i not in kept and (not binds[i] or binds[i] & wanted or _always(node)):
                kept.add(i)
                wanted |= _names_in(node)
                growing = True
    return [node for i, node in enumerate(body) if i in kept and not _is_noise(node)]


def _is_noise(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _always(node: ast.stmt) -> bool:
    """A fixture that no test names, and names that pytest itself reads."""
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id.startswith("pytest") for t in node.targets)
    marks = node.decorator_list if isinstance(node, Definition) else []
    return any("autouse" in ast.unparse(d) for d in marks)


def _bound_by(node: ast.stmt) -> set[str]:
    """The names that a statement binds; none for one that is run for its effect."""
    if isinstance(node, Definition):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        return set() if future else {(a.asname or a.name).partition(".")[0] for a in node.names}
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return set()


def _names_in(node: ast.stmt) -> set[str]:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    # Fixtures are asked for by the names of arguments, or in strings.
    names |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    return names | {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
