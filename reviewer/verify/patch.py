"""Candidate fixes as whole new file texts, and the unified diffs that people and `git apply` read.

Texts are split at "\\n" alone, as git counts lines; a "\\r" stays with its line.
"""

from __future__ import annotations

import ast
import difflib
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..change.change import Hunk, Span

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fix that was not yet judged: the whole new text of one changed file, and what was done to get it."""

    path: str
    text: str
    description: str


def lines_of(text: str) -> list[str]:
    """The lines with their "\\n"; joined they are the text."""
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def unified(path: str, old: str, new: str) -> str:
    """The patch from old to new as `git apply` reads it; "" when they are equal."""
    body = difflib.unified_diff(lines_of(old), lines_of(new), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in body)


def hunks_between(old: str, new: str) -> tuple[Hunk, ...]:
    """The changed lines from old to new, as `git diff -U0` counts them."""
    matcher = difflib.SequenceMatcher(None, lines_of(old), lines_of(new), autojunk=False)
    found = []
    for tag, base_from, base_to, head_from, head_to in matcher.get_opcodes():
        if tag != "equal":
            base_count, head_count = base_to - base_from, head_to - head_from
            base_start = base_from + 1 if base_count else base_from
            head_start = head_from + 1 if head_count else head_from
            found.append(Hunk(base_start, base_count, head_start, head_count))
    return tuple(found)


def take_back(base: str, head: str, hunks: Iterable[Hunk]) -> str:
    """The head with the base's lines put back for these hunks (each a hunk of base to head)."""
    old, new = lines_of(base), lines_of(head)
    for hunk in sorted(hunks, key=lambda h: h.head_start, reverse=True):
        start = hunk.head_start - 1 if hunk.head_count else hunk.head_start
        first = hunk.base_start - 1 if hunk.base_count else hunk.base_start
        new[start : start + hunk.head_count] = old[first : first + hunk.base_count]
    return "".join(new)


def put_unit(head: str, span: Span, name: str, reply: str) -> str | None:
    """The head with the unit at `span` replaced by the definition of the same name in a model's code.

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
    lines = lines_of(head)
    ending = "\r\n" if lines[span.start - 1].endswith("\r\n") else "\n"
    indent = _indent(lines[span.start - 1 : span.end])
    code = textwrap.indent(_source(source, node), indent).replace("\n", ending)
    fixed = "".join([*lines[: span.start - 1], code, *lines[span.end :]])
    fixed = _add_imports(fixed, _imports(tree, source), ending)
    return None if fixed == head else fixed


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


def _imports(tree: ast.Module, source: str) -> list[str]:
    nodes = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    return [text for n in nodes if (text := ast.get_source_segment(source, n))]


def _add_imports(text: str, wanted: Sequence[str], ending: str) -> str:
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
