"""Arguments at the edges of a function's own conditions: what it compares a parameter with is where it may go wrong."""

from __future__ import annotations

import ast
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..nodes import walk
from .probe import Function

MOST = 12
ROWS = 3


@dataclass(frozen=True, slots=True)
class Pin:
    """A parameter and what it is given: a literal, or (`same`) the value of another parameter."""

    name: str
    text: str
    same: bool = False


def pinned(
    function: Function, needed: Sequence[str], rows: Sequence[Sequence[str]], choice: random.Random
) -> Iterator[tuple[str, ...]]:
    """Some of the rows of arguments with parameters at an edge: one by one, then two at a time.

    `needed` are the names of the parameters that a row has values for; others are given by keyword.
    """
    found = list(dict.fromkeys(pins_of(function)))[:MOST]
    pairs = [(one, other) for one, other in itertools.combinations(found, 2) if one.name != other.name]
    choice.shuffle(pairs)
    for pins in (*((pin,) for pin in found), *pairs[: 2 * MOST]):
        for row in choice.sample(rows, min(len(rows), ROWS)):
            yield _with(row, needed, pins)


def _with(row: Sequence[str], needed: Sequence[str], pins: Sequence[Pin]) -> tuple[str, ...]:
    values, more = dict(zip(needed, row, strict=True)), dict[str, str]()
    for pin in pins:
        text = values.get(pin.text, more.get(pin.text, "")) if pin.same else pin.text
        if text:
            (values if pin.name in values else more)[pin.name] = text
    return (*values.values(), *(f"{name}={text}" for name, text in more.items()))


def pins_of(function: Function) -> Iterator[Pin]:
    """What the function compares its parameters with: constants, whole ones with their neighbours, and each other."""
    every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    names = {a.arg for a in every} - {"self", "cls"}
    for node in walk(function):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for one, other in itertools.pairwise(sides):
                yield from _pins(one, other, names)
                yield from _pins(other, one, names)


def _pins(one: ast.expr, other: ast.expr, names: set[str]) -> Iterator[Pin]:
    if not isinstance(one, ast.Name) or one.id not in names:
        return
    if isinstance(other, ast.Name) and other.id in names and other.id != one.id:
        yield Pin(one.id, other.id, same=True)
    elif isinstance(other, ast.Constant) and other.value is not None:
        yield Pin(one.id, repr(other.value))
        if type(other.value) is int:
            yield from (Pin(one.id, repr(other.value + step)) for step in (1, -1))
