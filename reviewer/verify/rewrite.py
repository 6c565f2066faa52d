"""A model's code for a unit, put into the file: found by name, indented as the file is, its imports added."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence

from ..change.change import Span
from .patch import Definition, lines_of


def put_unit(head: str, span: Span, name: str, reply: str) -> str | None:
    """The head with the definition `name` that overlaps `span` replaced by that of the same name in a model's code.

    Imports at the top of the reply that the file lacks are added after the file's own. None when the reply does not
    parse, does not define the name, or changes nothing.
    """
    source = textwrap.dedent(reply.replace("\r\n", "\n")).strip("\n") + "\n"
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    node = _definition(tree, name.split("."))
    if node is None:
        return None
    place = _extent(head, span, name.rsplit(".", maxsplit=1)[-1])
    if place is None:
        return None
    lines = lines_of(head)
    ending = "\r\n" if lines[place[0] - 1].endswith("\r\n") else "\n"
    indent = _indent(lines[place[0] - 1 : place[1]])
    code = textwrap.indent(_source(source, node), indent).replace("\n", ending)
    fixed = "".join([*lines[: place[0] - 1], code, *lines[place[1] :]])
    fixed = add_imports(fixed, imports_in(tree, source), ending)
    return None if fixed == head else fixed


def _extent(head: str, span: Span, name: str) -> tuple[int, int] | None:
    """First and last line of the outermost definition of that name inside the span (which may hold blank lines too)."""
    try:
        tree = ast.parse(head)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, Definition) and node.name == name and span.start <= node.lineno <= span.end:
            return min([node.lineno, *(d.lineno for d in node.decorator_list)]), node.end_lineno or node.lineno
    return None


def _definition(tree: ast.Module, names: Sequence[str]) -> Definition | None:
    """The definition of the last name: inside its classes when the reply repeats them, else at the top."""
    body: list[ast.stmt] = tree.body
    for name in names[:-1]:
        inner = next((n for n in body if isinstance(n, Definition) and n.name == name), None)
        if inner is not None:
            body = inner.body
    return next((n for n in body if isinstance(n, Definition) and n.name == names[-1]), None)


def _source(source: str, node: Definition) -> str:
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return textwrap.dedent("".join(lines_of(source)[first - 1 : node.end_lineno]))


def _indent(lines: Sequence[str]) -> str:
    first = next((line for line in lines if line.strip()), "")
    return first[: len(first) - len(first.lstrip())]


def imports_in(tree: ast.Module, source: str) -> list[str]:
    """The import statements at the top of a text."""
    nodes = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    return [text for n in nodes if (text := ast.get_source_segment(source, n))]


def add_imports(text: str, wanted: Sequence[str], ending: str) -> str:
    """Add the import statements that are not there, after the last top-level import or the module's docstring."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    present = {ast.dump(n) for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)}
    missing = [w for w in wanted if ast.dump(ast.parse(w).body[0]) not in present]
    anchors = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    if not anchors and ast.get_docstring(tree) is not None:
        anchors = [tree.body[0]]  # type: ignore[list-item]
    at = (anchors[-1].end_lineno or 0) if anchors else 0
    lines = lines_of(text)
    return "".join([*lines[:at], *(m + ending for m in missing), *lines[at:]])
