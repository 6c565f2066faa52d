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
from .edit import Edit, Parents, above, edited, parents_of
from .instead import instead_of
from .probe import Function, looks_at, probes_of, with_step
from .steps import steps_into
from .values import Vocabulary

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed test. `steps` is how many things were changed; `typed`: every value kept its type."""

    function: Function
    steps: int
    typed: bool


def mutants(function: Function, words: Vocabulary, most: int, seed: int = 0) -> Iterator[Mutant]:
    """The test itself, then up to `most` changed versions and more.

    First one change each, a fair part of every place, of the calls that may be added and of the steps that may be put
    in; then two.
    """
    start = one_row(function)
    yield Mutant(start, 0, True)
    choice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    parents = parents_of(function)
    edits = _fair(_edits(function, words), choice)
    probes = list(probes_of(start, words))
    choice.shuffle(probes)
    probes = [*looks_at(start, words), *probes]
    steps = steps_into(function, words, most, choice)
    for edit, probe, step in islice(zip_longest(edits, probes, steps), most):
        yield from (Mutant(_with(function, [e], parents), 1, e.typed) for e in (edit, step) if e is not None)
        if probe is not None:
            yield Mutant(with_step(start, probe), 1, True)
    yield from _twice(function, parents, [*edits, *steps], probes, most, choice)


def _twice(
    function: Function, parents: Parents, edits: Sequence[Edit], probes: Sequence[str], most: int, choice: random.Random
) -> Iterator[Mutant]:
    """Two edits, or one and a call that is added."""
    for _ in range(most if len(edits) > 1 else 0):
        one, other = choice.sample(edits, 2)
        if probes and choice.random() < HALF:
            yield Mutant(with_step(_with(function, [one], parents), choice.choice(probes)), 2, one.typed)
        elif one.old is not other.old:
            yield Mutant(_with(function, [one, other], parents), 2, one.typed and other.typed)


def _fair(edits: Sequence[Edit], choice: random.Random) -> list[Edit]:
    """One edit of each place in turn, mostly those that keep the type first; the orders are drawn."""
    places: dict[int, list[Edit]] = {}
    for edit in edits:
        places.setdefault(id(edit.old), []).append(edit)
    queues = [sorted(queue, key=lambda e: choice.random() + (0.7 if not e.typed else 0)) for queue in places.values()]
    choice.shuffle(queues)
    longest = max(map(len, queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]


def _with(function: Function, edits: Sequence[Edit], parents: Parents) -> Function:
    """A version with the edits made, its parametrizations cut to the row that was edited, or any."""
    chosen = _rows_with(function, edits, parents)
    return one_row(edited(function, edits, parents), chosen)


def rows_of(function: Function) -> list[ast.List | ast.Tuple]:
    """The literal rows of each of the test's own parametrizations."""
    marks = [d for d in function.decorator_list if isinstance(d, ast.Call) and _name(d.func).endswith("parametrize")]
    rows = [mark.args[1] for mark in marks if len(mark.args) == 2]
    return [r for r in rows if isinstance(r, ast.List | ast.Tuple) and r.elts]


def _name(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


def _rows_with(function: Function, edits: Sequence[Edit], parents: Parents) -> list[int]:
    """For each parametrization the row that is edited, or where none is, one that the first edit's line picks."""
    touched = {one for edit in edits for one in above(edit.old, parents)}
    other = getattr(edits[0].old, "lineno", 0)
    return [
        next((i for i, row in enumerate(rows.elts) if id(row) in touched), other % len(rows.elts))
        for rows in rows_of(function)
    ]


def one_row(function: Function, chosen: Sequence[int] = ()) -> Function:
    """The test with one row of each of its parametrizations (the first, where none is chosen).

    Where it has none, it is the given one itself.
    """
    if not any(isinstance(d, ast.Call) for d in function.decorator_list):
        return function
    fresh = copied(function)
    for rows, row in zip_longest(rows_of(fresh), chosen[: len(rows_of(fresh))], fillvalue=0):
        if not isinstance(rows, int):
            rows.elts = [rows.elts[min(row, len(rows.elts) - 1)]]
    for mark in (d for d in fresh.decorator_list if isinstance(d, ast.Call)):
        mark.keywords = [k for k in mark.keywords if k.arg != "ids"]
    return fresh


def _edits(function: Function, words: Vocabulary) -> list[Edit]:
    """Everything that could be changed."""
    told = _told(function)
    pool = [n for n in ast.walk(function) if isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value]
    words = replace(words, texts=tuple(dict.fromkeys((*words.texts, *(str(n.value) for n in pool[:6])))))
    found: list[Edit] = []
    names = _local_names(function)
    for node in ast.walk(function):
        if id(node) in told:
            found += [Edit(node, new, typed) for new, typed in instead_of(node, words, names)]
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
