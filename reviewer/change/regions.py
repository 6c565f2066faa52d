"""A Python file cut into regions, so that every line belongs to exactly one."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .change import UnitKind

WHOLE = 80
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Region:
    """A piece of a file that is looked at as one: its qualified name, lines `start` to `end` (1-based, inclusive)."""

    name: str
    kind: UnitKind
    start: int
    end: int

    @property
    def is_function(self) -> bool:
        """A function or a method: it can be found by its name on the other side."""
        return self.kind in {UnitKind.FUNCTION, UnitKind.METHOD}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines that belong to a region: a long function has several, round its nested functions."""

    start: int
    end: int
    region: Region


class Regions:
    """Which region each line of a file is in. Lines between statements belong to the region that follows them."""

    def __init__(self, pieces: Iterable[_Piece], length: int) -> None:
        """Pieces in order, none overlapping; `length` is the file's number of lines."""
        found: dict[Region, None] = {}
        self._owner: list[Region | None] = [None] * (length + 2)
        self._core = [False] * (length + 2)
        for piece in pieces:
            found[piece.region] = None
            for line in range(piece.start, piece.end + 1):
                self._owner[line], self._core[line] = piece.region, True
        self._fill()
        self.all = tuple(found)

    def _fill(self) -> None:
        """Give the lines between pieces to what follows, at the end of the file to what precedes."""
        following: Region | None = None
        for line in range(len(self._owner) - 1, 0, -1):
            following = self._owner[line] = self._owner[line] or following
        preceding: Region | None = None
        for line, owner in enumerate(self._owner):
            preceding = self._owner[line] = owner or preceding

    def at(self, line: int) -> Region | None:
        """The region of a line; None only where there is no such line or the file has no statement."""
        return self._owner[line] if 0 < line < len(self._owner) - 1 else None

    def is_core(self, line: int) -> bool:
        """True for a line of a statement, False for one between statements."""
        return 0 < line < len(self._core) and self._core[line]


def regions(text: str, length: int) -> Regions:
    """Cut a module of `length` lines. Raises SyntaxError, ValueError, RecursionError or MemoryError as `ast` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = ast.parse(text)
    return Regions(_runs(_flat(module.body, "", UnitKind.FUNCTION), "", UnitKind.BLOCK), length)


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines of a scope: plain statements, or a definition with its own pieces."""

    start: int
    end: int
    inner: tuple[_Piece, ...] = ()


def _flat(body: Sequence[ast.stmt], scope: str, kind: UnitKind) -> Iterator[_Part]:
    """The parts of a scope in order; definitions inside if, try, with and the like stand on their own."""
    for statement in body:
        start, end = _lines(statement)
        if isinstance(statement, _Definition):
            yield _Part(start, end, tuple(_definition(statement, scope, kind)))
            continue
        for inner in _flat(_nested(statement), scope, kind):
            if inner.inner:
                yield from _plain(start, inner.start - 1)
                yield inner
                start = inner.end + 1
        yield from _plain(start, end)


def _plain(start: int, end: int) -> Iterator[_Part]:
    if start <= end:
        yield _Part(start, end)


def _lines(node: ast.stmt) -> tuple[int, int]:
    decorators = node.decorator_list if isinstance(node, _Definition) else []
    return min([node.lineno, *(d.lineno for d in decorators)]), node.end_lineno or node.lineno


def _nested(statement: ast.stmt) -> list[ast.stmt]:
    """The statements directly inside a compound statement, in order."""
    found: list[ast.stmt] = []
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            found.append(child)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            found.extend(child.body)
    return found


def _definition(node: ast.stmt, scope: str, kind: UnitKind) -> Iterator[_Piece]:
    start, end = _lines(node)
    if isinstance(node, ast.ClassDef):
        name = f"{scope}{node.name}"
        parts = list(_flat(node.body, f"{name}.", UnitKind.METHOD))
        head = _Part(start, max(start, parts[0].start - 1 if parts[0].inner else parts[0].end))
        yield from _runs(_merged([head, *parts]), name, UnitKind.CLASS)
    elif isinstance(node, _Function):
        region = Region(f"{scope}{node.name}", kind, start, end)
        parts = list(_flat(node.body, f"{region.name}.", UnitKind.FUNCTION)) if end - start >= WHOLE else []
        yield from _round(region, [part for part in parts if part.inner])


def _round(region: Region, inner: Iterable[_Part]) -> Iterator[_Piece]:
    """A function's own lines, round the definitions inside it."""
    start = region.start
    for part in inner:
        if start < part.start:
            yield _Piece(start, part.start - 1, region)
        yield from part.inner
        start = part.end + 1
    if start <= region.end:
        yield _Piece(start, region.end, region)


def _merged(parts: Iterable[_Part]) -> Iterator[_Part]:
    """Plain parts that share a line become one, as with statements after a semicolon."""
    last: _Part | None = None
    for part in parts:
        if last and not last.inner and not part.inner and part.start <= last.end:
            last = _Part(last.start, max(last.end, part.end))
            continue
        if last:
            yield last
        last = part
    if last:
        yield last


def _runs(parts: Iterable[_Part], name: str, kind: UnitKind) -> Iterator[_Piece]:
    """The pieces of a scope: definitions as they are, the plain statements between them as runs of limited length."""
    run: list[_Part] = []
    for part in _merged(parts):
        if part.inner or (run and part.end - run[0].start >= WHOLE):
            yield from _run(run, name, kind)
            run = []
        if part.inner:
            yield from part.inner
        else:
            run.append(part)
    yield from _run(run, name, kind)


def _run(run: list[_Part], name: str, kind: UnitKind) -> Iterator[_Piece]:
    """One region, or several where a single statement is too long."""
    if not run:
        return
    for start in range(run[0].start, run[-1].end + 1, WHOLE):
        end = min(start + WHOLE - 1, run[-1].end)
        yield _Piece(start, end, Region(name, kind, start, end))
