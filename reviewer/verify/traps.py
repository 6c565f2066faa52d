"""Python source with a statement of ours at the beginning of its changed functions, which notes that it ran and raises.

What is raised is no `Exception`, so that `except Exception` does not swallow it. Only lines are added: the rest of the
source stays byte for byte.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
MESSAGE = "made to raise by llm-review, to see whether the tests notice"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a statement can be put: before the byte `column` of `line` (1-based).

    `name` is the qualified name of the function ("Class.method") whose body begins there; "" for a statement outside of
    any function.
    """

    line: int
    column: int
    name: str = ""


def places(text: str, lines: Collection[int]) -> tuple[Place, ...]:
    """The beginnings of the functions that hold these lines; where none does, of the statements that do.

    Lines of comments, docstrings and white space count for nothing. Empty where the text does not parse.
    """
    tree = _parsed(text)
    rows = text.split("\n")
    code = [n for n in sorted(lines) if 0 < n <= len(rows) and rows[n - 1].strip() and rows[n - 1].strip()[0] != "#"]
    found = dict.fromkeys(place for n in code if tree and (place := _place(tree, n)))
    fitting = [place for place in found if _parsed(armed(text, {place: "pass"}))]
    return tuple(p for p in fitting if p.name) or tuple(fitting)


def named(text: str, names: Collection[str]) -> tuple[Place, ...]:
    """The beginnings of the functions with these qualified names."""
    tree = _parsed(text)
    found = _functions(tree, ()) if tree else ()
    return tuple(dict.fromkeys(_beginning(node, name) for name, node in found if name in names))


def armed(text: str, statements: Mapping[Place, str]) -> str:
    """The text with a statement at each place: on a line of its own, or before what is on the line of a `def`."""
    rows = text.split("\n")
    for place in sorted(statements, reverse=True):
        row = rows[place.line - 1].encode("utf-8", "surrogateescape")
        before, after = (part.decode("utf-8", "surrogateescape") for part in (row[: place.column], row[place.column :]))
        if before.strip():
            rows[place.line - 1] = f"{before}{statements[place]}; {after}"
        else:
            rows.insert(place.line - 1, f"{before}{statements[place]}" + ("\r" if after.endswith("\r") else ""))
    return "\n".join(rows)


def statement(mark: str, number: int, *, raising: bool) -> str:
    """A line of Python that notes `number` in `sys.<mark>`, and raises an exception whose type is called `mark`.

    It names nothing that the code round it may have taken for its own.
    """
    noted = f'__import__("sys").__dict__.setdefault("{mark}", {{}})[{number}] = 1'
    builtins = '__import__("builtins")'
    thrown = f'raise {builtins}.type("{mark}", ({builtins}.BaseException,), {{}})("{MESSAGE}")'
    return f"{noted}; {thrown}" if raising else noted


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _place(tree: ast.Module, line: int) -> Place | None:
    """The innermost function that holds a line, or else the innermost statement."""
    node: ast.AST = tree
    inner: ast.stmt | None = None
    names: list[str] = []
    function: tuple[Function, str] | None = None
    while child := next((s for s in _statements(node) if _start(s) <= line <= (s.end_lineno or s.lineno)), None):
        if isinstance(child, Function | ast.ClassDef):
            names.append(child.name)
        if isinstance(child, Function):
            function = (child, ".".join(names))
        if _is_docstring(child, node):
            return None
        node = inner = child
    if function:
        return _beginning(*function)
    movable = inner is not None and not (isinstance(inner, ast.ImportFrom) and inner.module == "__future__")
    return Place(_start(inner), inner.col_offset) if inner is not None and movable else None


def _beginning(node: Function, name: str) -> Place:
    """Before the first statement of a function, after its docstring where that is not all there is."""
    first = node.body[1] if len(node.body) > 1 and _is_docstring(node.body[0], node) else node.body[0]
    return Place(_start(first), first.col_offset, name)


def _is_docstring(statement: ast.stmt, owner: ast.AST) -> bool:
    if not isinstance(owner, ast.Module | ast.ClassDef | Function) or owner.body[0] is not statement:
        return False
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from _statements(child)


def _start(node: ast.stmt) -> int:
    """Its first line, decorators included."""
    decorators = node.decorator_list if isinstance(node, Function | ast.ClassDef) else []
    return min([node.lineno, *(d.lineno for d in decorators)])


def _functions(node: ast.AST, outer: tuple[str, ...]) -> Iterator[tuple[str, Function]]:
    for child in _statements(node):
        name = (*outer, child.name) if isinstance(child, Function | ast.ClassDef) else outer
        if isinstance(child, Function):
            yield ".".join(name), child
        yield from _functions(child, name)
