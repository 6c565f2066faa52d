"""Walks a module's functions statement by statement, keeps what is known of each variable, and asks the checks.

Within one function, in the order of its lines; a branch that ends (returns, raises) does not reach what follows. A test
that looks at what a variable holds (`x in ALLOWED`, `is_safe(x)`, `x.startswith(...)`) counts as the check that it may
be: after it nothing is said of that variable. So what is found was not checked at all.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ...nodes import walk
from .evaluate import Evaluator
from .guards import CHECKING, checked_names, variables
from .names import Names
from .rules import Rule
from .values import UNKNOWN, Origin, Value, either
from .views import is_view, parameters

Functions = ast.FunctionDef | ast.AsyncFunctionDef
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
# Tuples: these questions are asked of every node, and `A | B` is made anew each time.
GIVING = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)
LOOPS = (ast.While, ast.For)
JUDGED = (ast.Call, ast.Compare, ast.keyword, ast.Dict)
PLAIN = (ast.Name, ast.Constant)
BROAD = frozenset({"Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule, and the lines of the expression that breaks it."""

    rule: Rule
    line: int
    end_line: int


@dataclass(slots=True)
class Context:
    """What a check may ask: names, values at this point, the function round it and whether that answers requests."""

    names: Names
    module: ast.Module
    variables: dict[str, Value] = field(default_factory=dict)
    made_of: dict[str, frozenset[str]] = field(default_factory=dict)
    function: Functions | None = None
    view: bool = False

    def value(self, node: ast.AST | None) -> Value:
        """What is known of an expression at this point."""
        return Evaluator(self.names, self.variables).value(node)

    def name(self, node: ast.AST | None) -> str:
        """The full dotted name of an expression, or ""."""
        return self.names.of(node)


Check = Callable[[ast.AST, Context], Iterable[Rule]]


class Walker:
    """Collects the hits of one module."""

    def __init__(self, module: ast.Module, nodes: Sequence[ast.AST], names: Names, checks: Sequence[Check]) -> None:
        """`nodes` are all of the module; `checks` are asked about each expression, assignment, return and loop."""
        self._context, self._nodes = Context(names, module), nodes
        self._checks = checks
        self._hits: dict[Hit, None] = {}

    def hits(self) -> tuple[Hit, ...]:
        """Walk the module's top level and then every function; in order of lines."""
        self._block(self._context.module.body)
        top = {k: v for k, v in self._context.variables.items() if v.origin is Origin.CONSTANT}
        for node in self._nodes:
            if isinstance(node, Functions):
                self._function(node, top)
        return tuple(sorted(self._hits, key=lambda hit: (hit.line, hit.rule.slug)))

    def _function(self, node: Functions, top: dict[str, Value]) -> None:
        names = self._context.names
        self._context.function, self._context.view, self._context.made_of = node, is_view(node, names), {}
        arguments = {a.arg for a in walk(node.args) if isinstance(a, ast.arg)} if top else ()
        self._context.variables = {k: v for k, v in top.items() if k not in arguments} | parameters(node, names)
        self._block(node.body)

    def _block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, SCOPES):
            self._class_body(node)
            return
        for expression in _own(node):
            if not isinstance(expression, PLAIN):
                self._ask(expression)
        if isinstance(node, GIVING):
            self._report(node, node)
        if isinstance(node, LOOPS):
            self._report(node, node.test if isinstance(node, ast.While) else node.iter)
        self._bind(node)
        self._note(node)
        self._inside(node)

    def _class_body(self, node: ast.AST) -> None:
        if isinstance(node, ast.ClassDef):
            self._block(s for s in node.body if not isinstance(s, SCOPES))

    def _inside(self, node: ast.stmt) -> None:
        """The blocks of a compound statement, each from the same beginning; what is known after it is of all ends."""
        blocks = _blocks(node)
        if not blocks:
            return
        before = dict(self._context.variables)
        ends = [] if isinstance(node, ast.If) and node.orelse else [before]
        for block in blocks:
            self._context.variables = dict(before)
            self._block(block)
            if not isinstance(block[-1], ENDS):
                ends.append(self._context.variables)
        if isinstance(node, ast.With | ast.AsyncWith | ast.Try):
            ends = ends[1:] or [before]
        self._context.variables = _merged(ends or [before])

    def _ask(self, expression: ast.AST) -> None:
        nodes = walk(expression)
        for node in nodes:
            if isinstance(node, ast.NamedExpr):
                self._context.variables[node.target.id] = self._context.value(node.value)
            elif isinstance(node, ast.comprehension):
                self._set(node.target, self._context.value(node.iter))
            elif isinstance(node, ast.IfExp):
                self._checked(node.test)
            elif isinstance(node, ast.BoolOp):
                self._clear(n for part in node.values[:-1] for n in checked_names(part, self._context.names))
        for node in nodes:
            if isinstance(node, JUDGED):
                self._report(node, node)

    def _report(self, node: ast.AST, place: ast.AST) -> None:
        for check in self._checks:
            for rule in check(node, self._context):
                line = getattr(place, "lineno", 1)
                self._hits[Hit(rule, line, getattr(place, "end_lineno", None) or line)] = None

    def _bind(self, node: ast.stmt) -> None:
        """Note what a statement gives its variables."""
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._set(target, self._context.value(value), value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._set(target, self._context.value(value), value)
            case ast.AugAssign(target=ast.Name(id=name) as target, value=value, op=op):
                whole = ast.BinOp(ast.Name(name, ast.Load()), op, value)
                self._set(target, self._context.value(whole))
            case ast.For(target=target, iter=iterable) | ast.AsyncFor(target=target, iter=iterable):
                self._set(target, self._context.value(iterable))
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    self._set(item.optional_vars, self._context.value(item.context_expr))
            case _:
                pass

    def _note(self, node: ast.stmt) -> None:
        """Note what a statement says of variables that are there: tests and calls that check them."""
        match node:
            case ast.Expr(value=ast.Call() as call) if CHECKING.search(self._context.name(call.func)):
                self._clear(name for argument in call.args for name in variables(argument))
            case ast.Try(handlers=handlers) | ast.TryStar(handlers=handlers):
                broad = (h.name for h in handlers if h.name and self._context.name(h.type) in BROAD)
                self._context.variables |= {name: Value(Origin.EXCEPTION) for name in broad}
            case ast.If(test=test) | ast.While(test=test) | ast.Assert(test=test):
                self._checked(test)
            case _:
                pass

    def _set(self, target: ast.AST | None, value: Value, source: ast.expr | None = None) -> None:
        if isinstance(target, ast.Name):
            self._context.variables[target.id] = value
            self._context.made_of[target.id] = frozenset(variables(source)) if source else frozenset()
        elif isinstance(target, ast.Tuple | ast.List):
            part = value if value.origin is Origin.CONSTANT else Value(value.origin)
            for element in target.elts:
                self._set(element, part)

    def _checked(self, test: ast.expr) -> None:
        self._clear(checked_names(test, self._context.names))
        # The outcome of a check that was made before: `ok = is_safe(x)`, then `if ok`.
        self._clear(name for name in variables(test) if self._context.variables.get(name, UNKNOWN) == UNKNOWN)

    def _clear(self, names: Iterable[str]) -> None:
        """Say nothing more of variables that were checked, nor of what they were made of."""
        left, seen = list(names), set[str]()
        while left:
            name = left.pop()
            if name not in seen:
                seen.add(name)
                left += self._context.made_of.get(name, ())
                if self._context.variables.get(name, UNKNOWN).given:
                    self._context.variables[name] = UNKNOWN


def _own(node: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement that are not in its blocks."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.withitem):
            yield child.context_expr


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    blocks = [getattr(node, name, None) or [] for name in ("body", "orelse", "finalbody")]
    handlers = [h.body for h in getattr(node, "handlers", [])]
    cases = [c.body for c in getattr(node, "cases", [])]
    return [block for block in (*blocks, *handlers, *cases) if block]


def _merged(ends: Sequence[dict[str, Value]]) -> dict[str, Value]:
    """What is known where several ways meet."""
    merged = {}
    for name in {name for end in ends for name in end}:
        first, *others = (end.get(name, UNKNOWN) for end in ends)
        merged[name] = first if all(one is first for one in others) else either((first, *others))
    return merged
