"""Rewrites that need no model: slow patterns whose cure is always the same. Each is checked like any other version.

Made on the syntax tree and given back as the function's code; what they leave out (a value that cannot be hashed, an
`__add__` of its own) is what the comparison is for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from ..behaviour.copied import copied

LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def rewrites(function: ast.FunctionDef) -> Iterator[str]:
    """The function with each cure that applies."""
    for cure in (_set_for_membership, _compiled_once, _joined_at_the_end):
        changed = copied(function)
        if cure(changed):
            yield ast.unparse(ast.fix_missing_locations(changed))


def _in_loops(node: ast.AST, inside: bool = False) -> Iterator[ast.AST]:
    """What is done in every round of a loop; the iterable that a loop begins with is taken once."""
    for name, value in ast.iter_fields(node):
        again = inside or (isinstance(node, LOOPS) and name not in {"iter", "orelse", "generators"})
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.comprehension):
                first = name == "generators" and child is value[0]
                yield from _comprehension(child, inside or not first)
            elif isinstance(child, ast.AST):
                if again:
                    yield child
                yield from _in_loops(child, again)


def _comprehension(node: ast.comprehension, iterated: bool) -> Iterator[ast.AST]:
    if iterated:
        yield from (n for n in ast.walk(node.iter))
    yield from (n for condition in node.ifs for n in ast.walk(condition))


def _at_the_top(function: ast.FunctionDef, statement: str) -> None:
    """Put a statement after the docstring."""
    at = 1 if ast.get_docstring(function, clean=False) is not None else 0
    function.body[at:at] = ast.parse(statement).body


def _set_for_membership(function: ast.FunctionDef) -> bool:
    """`x in parameter` in a loop looks into a set that is made once; not where the parameter is changed."""
    names = {a.arg for a in (*function.args.posonlyargs, *function.args.args)}
    searches = [
        node
        for node in _in_loops(function)
        if isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.In | ast.NotIn)
        and isinstance(node.comparators[0], ast.Name)
        and node.comparators[0].id in names - _changed(function)
    ]
    taken = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)} | names
    if not taken.isdisjoint(f"{name}_set" for name in names):
        return False
    for name in dict.fromkeys(s.comparators[0].id for s in searches if isinstance(s.comparators[0], ast.Name)):
        _at_the_top(function, f"{name}_set = set({name})")
    for search in searches:
        if isinstance(search.comparators[0], ast.Name):
            search.comparators[0].id += "_set"
    return bool(searches)


def _changed(function: ast.FunctionDef) -> set[str]:
    """Names that are bound anew, deleted, written into, or whose methods are called."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.value, ast.Name):
            called = isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load)
            found |= {node.value.id} if called else set()
    return found


def _compiled_once(function: ast.FunctionDef) -> bool:
    """`re.compile` of constants in a loop is done before it."""
    calls = [n for n in _in_loops(function) if isinstance(n, ast.Call) and ast.unparse(n.func) == "re.compile"]
    constant = {ast.unparse(c): c for c in calls if all(isinstance(a, ast.Constant) for a in c.args) and not c.keywords}
    swap = _Swap({text: f"compiled_{number}" for number, text in enumerate(constant)})
    swap.visit(function)
    for text, name in swap.names.items():
        _at_the_top(function, f"{name} = {text}")
    return bool(constant)


class _Swap(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = self.names.get(ast.unparse(node))
        return ast.Name(name, ast.Load()) if name else node


def _joined_at_the_end(function: ast.FunctionDef) -> bool:
    """A text that grows in loops becomes a list of its parts, joined where it is read."""
    made = [
        n.targets[0].id
        for n in function.body
        if isinstance(n, ast.Assign) and ast.unparse(n.value) == "''" and isinstance(n.targets[0], ast.Name)
    ]
    return any(list(map(partial(_join, function), made)))


def _join(function: ast.FunctionDef, name: str) -> bool:
    stores = [
        n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)
    ]
    grows = _Grow(name)
    loop = any(isinstance(n, ast.stmt) and grows.part(n) is not None for n in _in_loops(function))
    steps = [n for n in ast.walk(function) if isinstance(n, ast.stmt) and grows.part(n) is not None]
    if not loop or len(stores) != len(steps) + 1:
        return False
    grows.visit(function)
    return True


class _Grow(ast.NodeTransformer):
    """`text = ""` becomes a list, `text = text + a + b` and `text += a` an append, every other use a join."""

    def __init__(self, name: str) -> None:
        self._name = name

    def part(self, node: ast.stmt) -> ast.expr | None:
        """What a statement adds at the end of the text; None where it is another one."""
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and self._is(node.target):
            return node.value
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and self._is(node.targets[0]):
            return self._without_first(node.value)
        return None

    def _is(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id == self._name

    def _without_first(self, node: ast.expr) -> ast.expr | None:
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
            return None
        if self._is(node.left):
            return node.right
        left = self._without_first(node.left)
        return ast.BinOp(left, ast.Add(), node.right) if left else None

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if self._is(node.targets[0]) and ast.unparse(node.value) == "''":
            return ast.parse(f"{self._name} = []").body[0]
        return self._step(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        return self._step(node)

    def _step(self, node: ast.Assign | ast.AugAssign) -> ast.AST:
        part = self.part(node)
        if part is None:
            return self.generic_visit(node)
        append = ast.Attribute(ast.Name(self._name, ast.Load()), "append", ast.Load())
        return ast.Expr(ast.Call(append, [self.visit(part)], []))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.parse(f"''.join({self._name})", mode="eval").body if self._is(node) else node
