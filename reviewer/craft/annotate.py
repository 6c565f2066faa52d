"""Annotations that recorded values agree on, put into a function's head and nowhere else."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .owntests import Recorded
from .subject import Subject

LEAST_CALLS = 2
KEEP_THE_SIGNATURE = frozenset({"staticmethod", "classmethod", "property"})
Edit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Annotated:
    """The file with annotations in one head, and those that were added, as ("name", "type"); "return" is the result."""

    text: str
    added: tuple[tuple[str, str], ...]


def annotated(subject: Subject, given: Recorded | None, version: tuple[int, int]) -> Annotated:
    """The function with the types that at least two recorded calls agree on; nothing is changed that is annotated.

    `version` is the Python that runs the file. Nothing is added to a function with a decorator: that may read them.
    """
    node, nothing = subject.node, Annotated(subject.text, ())
    if isinstance(node, ast.ClassDef) or given is None or given.count < LEAST_CALLS:
        return nothing
    if not {ast.unparse(d) for d in node.decorator_list} <= KEEP_THE_SIGNATURE:
        return nothing
    late = re.search(r"^from __future__ import .*\bannotations\b", subject.text, re.MULTILINE) is not None
    found = {n: t for n, t in _types(node, given, "." in subject.name) if late or version >= _needs(t)}
    edits = [e for name, kind in found.items() for e in _edits(subject, node, name, kind)]
    text = _edited(subject.text, edits)
    return Annotated(text, tuple(found.items())) if edits and text else nothing


def _needs(kind: str) -> tuple[int, int]:
    return (3, 10) if "|" in kind else (3, 9) if "[" in kind else (3, 5)


def _types(node: ast.FunctionDef | ast.AsyncFunctionDef, given: Recorded, method: bool) -> Iterator[tuple[str, str]]:
    ordinary = [*node.args.posonlyargs, *node.args.args]
    values = [*node.args.defaults, *node.args.kw_defaults]
    tail = ordinary[len(ordinary) - len(node.args.defaults) :]
    defaults = dict(zip((a.arg for a in (*tail, *node.args.kwonlyargs)), values, strict=True))
    bound = method and not any(ast.unparse(d) == "staticmethod" for d in node.decorator_list)
    for argument in (*ordinary[bool(bound) :], *node.args.kwonlyargs):
        kind = agreed(given.given.get(argument.arg, {}), defaults.get(argument.arg))
        if argument.annotation is None and kind not in {"", "None"}:
            yield argument.arg, kind
    if node.returns is None and (kind := agreed(given.returned)):
        yield "return", kind


def agreed(counts: Mapping[str, int], default: ast.expr | None = None) -> str:
    """The one type that all values (and the default) have, `| None` where some are None; "" where they do not agree."""
    names = set(counts)
    if isinstance(default, ast.Constant):
        names.add("None" if default.value is None else type(default.value).__name__)
    elif default is not None:
        return ""
    optional, names = "None" in names, names - {"None"}
    known = {n for n in names if not n.endswith("[]")}
    if any(n.partition("[")[0] not in {k.partition("[")[0] for k in known} for n in names - known):
        return ""
    known = {"float"} if known == {"int", "float"} else known
    if len(known) > 1 or any("?" in n or "[]" in n for n in known):
        return ""
    kind = next(iter(known), "")
    return f"{kind} | None" if kind and optional else kind or ("None" if optional else "")


def _edits(subject: Subject, node: ast.FunctionDef | ast.AsyncFunctionDef, name: str, kind: str) -> Iterator[Edit]:
    """The places in the file, as offsets of characters from and to, and what stands there then."""
    offsets = _Offsets(subject.text)
    if name == "return":
        at = _colon(subject.text, offsets, node)
        yield from ((at, at, f" -> {kind}"),) if at else ()
        return
    every = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    argument = next(a for a in every if a.arg == name)
    end = offsets.at(argument.end_lineno or argument.lineno, argument.end_col_offset or 0)
    default = subject.text[end : end + 1] == "="
    yield (end, end + 1, f": {kind} = ") if default else (end, end, f": {kind}")


class _Offsets:
    """Where a line and a column (in bytes of UTF-8, as syntax trees have it) are in a text."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        before = self._lines[line - 1].encode("utf-8")[:column]
        return self._starts[line - 1] + len(before.decode("utf-8"))

    def start(self, line: int) -> int:
        return self._starts[line - 1]


def _colon(text: str, offsets: _Offsets, node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Where the colon is that ends the head, 0 where it cannot be told."""
    first = offsets.start(node.lineno)
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text[first:]).readline):
            depth += (token.string in "([{" and token.type == tokenize.OP) - (
                token.string in ")]}" and token.type == tokenize.OP
            )
            if token.type == tokenize.OP and token.string == ":" and depth == 0:
                return offsets.start(node.lineno + token.start[0] - 1) + token.start[1]
    except (tokenize.TokenError, IndentationError):
        return 0
    return 0


def _edited(text: str, edits: list[Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text
