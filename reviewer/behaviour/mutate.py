"""Other versions of a test: the same steps with one thing changed, each a whole function of its own.

Only what the test feeds in is changed: constants, displays, arguments, statements. Its assertions are of no interest,
for they are not checked but looked at (see `observe`).
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

from .copied import copied
from .instead import instead_of
from .probe import Function, probes_of, with_step
from .values import Vocabulary


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed test. `steps` is how many things were changed; `typed`: every value kept its type."""

    function: Function
    steps: int
    typed: bool


@dataclass(frozen=True, slots=True)
class _Edit:
    """What to do with the node that stands at `at` in the walk of a function."""

    at: int
    replacement: ast.AST | None
    typed: bool


def mutants(function: Function, words: Vocabulary, most: int, seed: int = 0) -> Iterator[Mutant]:
    """The test itself, then up to `most` changed versions.

    First one step each, a fair part of every place and of the calls that may be added; then two.
    """
    start = one_row(function)
    yield Mutant(start, 0, True)
    choice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    edits = _fair(_edits(function, words), choice)
    probes = list(probes_of(start, words))
    choice.shuffle(probes)
    for edit, probe in islice(zip_longest(edits, probes), most):
        if edit is not None:
            yield Mutant(_with(function, [edit]), 1, edit.typed)
        if probe is not None:
            yield Mutant(with_step(start, probe), 1, True)
    for _ in range(most if len(edits) > 1 else 0):
        pair = choice.sample(edits, 2)
        if pair[0].at != pair[1].at:
            yield Mutant(_with(function, pair), 2, all(e.typed for e in pair))


def _fair(edits: Sequence[_Edit], choice: random.Random) -> list[_Edit]:
    """One edit of each place in turn, mostly those that keep the type first; the orders are drawn."""
    places: dict[int, list[_Edit]] = {}
    for edit in edits:
        places.setdefault(edit.at, []).append(edit)
    queues = [sorted(queue, key=lambda e: choice.random() + (0.7 if not e.typed else 0)) for queue in places.values()]
    choice.shuffle(queues)
    longest = max(map(len, queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]


def _with(function: Function, edits: Sequence[_Edit]) -> Function:
    """A copy with the edits made, its parametrizations cut to the row that was edited, or any."""
    fresh = copied(function)
    nodes = list(ast.walk(fresh))
    chosen = _rows_with(fresh, [nodes[e.at] for e in edits], edits[0].at)
    for edit in edits:
        _replace(fresh, nodes[edit.at], copied(edit.replacement) if edit.replacement else None)
    return one_row(ast.fix_missing_locations(fresh), chosen)


def _replace(root: ast.AST, old: ast.AST, new: ast.AST | None) -> None:
    for parent in ast.walk(root):
        for name, value in ast.iter_fields(parent):
            if value is old and new is not None:
                setattr(parent, name, new)
                return
            if isinstance(value, list) and any(item is old for item in value):
                at = next(i for i, item in enumerate(value) if item is old)
                value[at : at + 1] = [] if new is None else new.body if isinstance(new, ast.Module) else [new]
                if not value and name == "body":
                    value.append(ast.Pass())
                return


def rows_of(function: Function) -> list[ast.List | ast.Tuple]:
    """The literal rows of each of the test's own parametrizations."""
    marks = [d for d in function.decorator_list if isinstance(d, ast.Call) and _name(d.func).endswith("parametrize")]
    rows = [mark.args[1] for mark in marks if len(mark.args) == 2]
    return [r for r in rows if isinstance(r, ast.List | ast.Tuple) and r.elts]


def _name(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


def _rows_with(function: Function, nodes: Sequence[ast.AST], other: int) -> list[int]:
    """For each parametrization the row that holds one of the nodes, or where none does one that `other` picks."""
    wanted = {id(node) for node in nodes}
    chosen = []
    for rows in rows_of(function):
        holding = (i for i, row in enumerate(rows.elts) if any(id(n) in wanted for n in ast.walk(row)))
        chosen.append(next(holding, other % len(rows.elts)))
    return chosen


def one_row(function: Function, chosen: Sequence[int] = ()) -> Function:
    """The test with one row of each of its parametrizations (the first, where none is chosen)."""
    fresh = copied(function)
    for rows, row in zip_longest(rows_of(fresh), chosen[: len(rows_of(fresh))], fillvalue=0):
        if not isinstance(rows, int):
            rows.elts = [rows.elts[min(row, len(rows.elts) - 1)]]
    for mark in (d for d in fresh.decorator_list if isinstance(d, ast.Call)):
        mark.keywords = [k for k in mark.keywords if k.arg != "ids"]
    return fresh


def _edits(function: Function, words: Vocabulary) -> list[_Edit]:
    """Everything that could be changed, by the places in the walk."""
    told = _told(function)
    pool = [n for n in ast.walk(function) if isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value]
    words = replace(words, texts=tuple(dict.fromkeys((*words.texts, *(str(n.value) for n in pool[:6])))))
    found: list[_Edit] = []
    names = _local_names(function)
    for at, node in enumerate(ast.walk(function)):
        if id(node) in told:
            found += [_Edit(at, new, typed) for new, typed in instead_of(node, words, names)]
    return found


def _told(function: Function) -> set[int]:
    """The nodes that may be changed: those of the body and of the parametrization's rows, docstring aside."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    roots: list[ast.AST] = [*body, *rows_of(function)]
    return {id(n) for root in roots for n in ast.walk(root)} - {id(n) for n in _fixed(roots)}


def _fixed(roots: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """What is expected rather than fed in, parts of f-strings, and annotations."""
    for node in (n for root in roots for n in ast.walk(root)):
        if isinstance(node, ast.JoinedStr):
            yield from ast.walk(node)
        elif isinstance(node, ast.AnnAssign):
            yield from ast.walk(node.annotation)
        elif isinstance(node, ast.keyword) and node.arg in {"match", "msg", "reason", "ids", "id"}:
            yield from ast.walk(node)
        elif isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare):
            yield from (side for side in (node.test.left, *node.test.comparators) if isinstance(side, ast.Constant))


def _local_names(function: Function) -> list[str]:
    stored = [n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return list(dict.fromkeys(stored))[:6]
