"""New inputs of old ones: pieces left out, doubled, moved, put into each other. Far faster than making them."""

from __future__ import annotations

import random
from typing import Any

LONGEST = 3_000


def mutated(value: Any, other: Any, chance: random.Random) -> Any:
    """A value like `value`, with some of `other` in it; of the types that both are made of, and of no new character."""
    if type(value) is not type(other) or chance.random() < 0.02:
        return chance.choice((value, other))
    if isinstance(value, str | bytes):
        return _spliced(value, other, chance)
    if isinstance(value, tuple):
        return tuple(mutated(one, two, chance) for one, two in zip(value, other, strict=False))
    if isinstance(value, list):
        pool = [*value, *other]
        return [mutated(one, chance.choice(pool), chance) for one in value] + pool[: chance.randrange(2)]
    if isinstance(value, dict):
        pool = [*value.values(), *other.values()]
        return {key: mutated(one, chance.choice(pool), chance) for key, one in value.items()}
    return chance.choice((value, other))


def _spliced(value: Any, other: Any, chance: random.Random) -> Any:
    for _ in range(chance.randint(1, 3)):
        start, end = _slice(value, chance)
        first, last = _slice(other, chance)
        kind = chance.randrange(4)
        if kind == 0:
            value = value[:start] + value[end:]
        elif kind == 1:
            value = value[:end] + value[start:end] * chance.choice((1, 1, 1, 50)) + value[end:]
        elif kind == 2:
            value = value[:start] + other[first:last] + value[start:]
        else:
            value = value[:start] + other[first:last] + value[end:]
    return value[:LONGEST]


def _slice(value: Any, chance: random.Random) -> tuple[int, int]:
    start = chance.randint(0, len(value))
    return start, min(len(value), start + chance.choice((1, 2, 5, 30, len(value))))
