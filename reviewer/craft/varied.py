"""Calls like those that assertions make, on other values: versions that were wrong alike there often differ here."""

from __future__ import annotations

import ast
import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any

from ..behaviour.values import Vocabulary, others, vocabulary
from .growth import grown

MOST = 16
SIZES = (2, 5, 9)
SEED = 1
LONGEST = 400


def varied(statements: Sequence[str], name: str) -> tuple[str, ...]:
    """Up to 16 statements that put what `name` gives for such arguments into `_seen_`; none is among those given.

    Only calls with plain literal arguments are varied, every one of them in turn, and each value keeps its type.
    """
    calls = dict.fromkeys(call for text in statements for call in _calls(text, name))
    words = vocabulary(statements)
    draw = random.Random(SEED)  # noqa: S311 - the same again each time
    ways = [_others(ast.literal_eval(call), words, draw) for call in calls]
    turns = (call for turn in itertools.zip_longest(*ways) for call in turn if call is not None)
    fresh = (text for text in dict.fromkeys(map(repr, turns)) if text not in calls and len(text) <= LONGEST)
    return tuple(f"_seen_ = {name}(*{text})" for text in itertools.islice(fresh, MOST))


def _calls(statement: str, name: str) -> Iterator[str]:
    """The arguments of the calls in a statement, as the text of a tuple."""
    for node in ast.walk(ast.parse(statement)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            try:
                values = tuple(ast.literal_eval(argument) for argument in node.args)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                continue
            if values and not node.keywords:
                yield repr(values)


def _others(call: tuple[Any, ...], words: Vocabulary, draw: random.Random) -> Iterator[tuple[Any, ...]]:
    """The call with one argument changed, and with all of them grown."""
    ways = [[tuple(grown(value, size, draw) for value in call) for size in SIZES]]
    for place, value in enumerate(call):
        alike = [other for other, typed in others(value, words) if typed]
        ways.append([(*call[:place], other, *call[place + 1 :]) for other in alike])
    for turn in itertools.zip_longest(*ways):
        yield from (changed for changed in turn if changed is not None)
