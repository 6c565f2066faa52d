"""Inputs grown from calls: of the same shape, with more items. Runs in the sandbox beside `race.py`, on old Pythons."""

# ruff: noqa: PLR0911, S311, UP031 - a way for each kind of value; not secret; old Pythons
from __future__ import annotations

import random
from typing import Any, Iterator  # noqa: UP035 - the file runs on Python 3.8

SMALL = (0, 1, 2, 3, 5, 9, 17)
DRAWS = 3
LARGEST = 1 << 20
CLIP = 200


def grown(value: Any, size: int, draw: random.Random) -> Any:
    """A value of the same shape with about `size` items; numbers are drawn below the size, so that some are equal."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return draw.randrange(max(1, size))
    if isinstance(value, float):
        return draw.random() * size
    if isinstance(value, str):
        return _text(value, size, draw)
    if isinstance(value, dict):
        pairs = list(value.items()) or [("a", 1)]
        return dict(_item(pairs, size, draw) for _ in range(size))
    if isinstance(value, (list, set, frozenset)):
        items = sorted(value, key=repr) if not isinstance(value, list) else value
        return type(value)(_item(items or [1], size, draw) for _ in range(size))
    return tuple(grown(v, size, draw) for v in value) if isinstance(value, tuple) else value


def _item(items: Any, size: int, draw: random.Random) -> Any:
    """One item as those that are there: long ones stay short, so that only the number of items grows."""
    model = draw.choice(items)
    if isinstance(model, tuple):
        return tuple(_item([part], size, draw) for part in model)
    if isinstance(model, str):
        return "%s%d" % (model[:3], draw.randrange(max(1, size)))
    return grown(model, min(size, 3) if isinstance(model, (list, dict, set)) else size, draw)


def _text(value: str, size: int, draw: random.Random) -> str:
    letters = value or "ab "
    return "".join(draw.choice(letters) for _ in range(size))


def inputs(calls: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The calls as they are, then grown in all their arguments, and grown in all but the numbers."""
    yield from calls
    for call in calls:
        for size in SMALL:
            for turn in range(DRAWS):
                draw = random.Random("%r %d %d" % (call, size, turn))
                yield grown_all(call, size, draw)
                yield sized(call, size, draw)


def sized(call: tuple[Any, ...], size: int, draw: random.Random) -> tuple[Any, ...]:
    """The call with its texts and collections grown and its numbers kept; of numbers alone, each one that size."""
    if numeric(call):
        return tuple(size if type(a) is int else a for a in call)
    return tuple(a if isinstance(a, (int, float)) else grown(a, size, draw) for a in call)


def grown_all(call: tuple[Any, ...], size: int, draw: random.Random) -> tuple[Any, ...]:
    """The call with its numbers grown too."""
    return tuple(grown(a, size, draw) for a in call)


def apart(call: tuple[Any, ...], size: int, draw: random.Random) -> tuple[Any, ...]:
    """The call with its collections grown and no two numbers or words in a list alike: a search runs long."""
    return tuple(_distinct(value, draw) for value in sized(call, size, draw))


def _distinct(value: Any, draw: random.Random) -> Any:
    kinds = {type(item) for item in value} if isinstance(value, list) else set()
    if kinds == {int}:
        return draw.sample(range(10 * len(value)), len(value))
    return ["%s-%d" % (item, number) for number, item in enumerate(value)] if kinds == {str} else value


def numeric(call: tuple[Any, ...]) -> bool:
    """Whether nothing but numbers (and None) is given."""
    return all(a is None or isinstance(a, (int, float)) for a in call)


def sizes(call: tuple[Any, ...]) -> Iterator[int]:
    """Growing sizes: in small steps for numbers, on which the time may depend exponentially."""
    size = 4 if numeric(call) else 64
    while size <= LARGEST:
        yield size
        size = size + 4 if numeric(call) and size < 40 else size * 2


def shown(value: Any) -> str:
    """A value in a few words."""
    return repr(value)[:CLIP]


def outline(arguments: tuple[Any, ...]) -> str:
    """The arguments as a person would say how large they are."""
    words = []
    for value in arguments:
        sized_ = isinstance(value, (str, bytes, list, tuple, set, frozenset, dict)) and len(value) > 3
        words.append("%s of %s" % (type(value).__name__, f"{len(value):,}") if sized_ else shown(value)[:40])
    return ", ".join(words)
