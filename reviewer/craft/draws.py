"""Values that a function's annotations ask for, drawn inside the sandbox: beside `race.py`, and as it on old Pythons.

Numbers are drawn in a range of about the size of the input and words from few letters, so that some are equal; of two
parameters of one kind the second is now and then the first in another order.
"""

# ruff: noqa: PLR0911 - a way for each kind of value; not secret; old Pythons
from __future__ import annotations

import collections.abc
import importlib
import inspect
import random
import typing
from typing import Any, Callable, Union  # noqa: UP035 - the file runs on Python 3.8

LISTS = (list, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
SETS = (set, frozenset)
MAPPINGS = (dict, collections.abc.Mapping)
LETTERS = "ab1 "
WORD = 5
RELATED = 0.25


def hints(function: Callable[..., Any]) -> list[Any] | None:
    """What the parameters without a default are annotated with; None where no value can be drawn for one of them."""
    try:
        parameters = inspect.signature(function).parameters.values()
        known = typing.get_type_hints(inspect.unwrap(function))
    except Exception:  # noqa: BLE001 - whatever the annotations of code under review do
        return None
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    wanted = [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    found = [known.get(p.name, Any) for p in wanted]
    ok = found and all(p.kind in plain for p in wanted) and all(map(drawable, found))
    return found if ok else None


def drawable(hint: Any) -> bool:
    """Whether a value can be drawn for the annotation."""
    origin, inner = typing.get_origin(hint) or hint, typing.get_args(hint)
    if hint in (int, float, str, bool, bytes, None, type(None)):
        return True
    if origin in (*LISTS, *SETS, *MAPPINGS, tuple) or _is_union(origin):
        return bool(inner) and all(drawable(i) for i in inner if i is not Ellipsis)
    return False


def _is_union(origin: Any) -> bool:
    return origin is Union or getattr(origin, "__name__", "") == "UnionType"


def drawn(hint: Any, size: int, draw: random.Random, inside: bool = False) -> Any:
    """A value for the annotation: with `size` items, or a number or text of about that size; short inside another."""
    origin, inner = typing.get_origin(hint) or hint, typing.get_args(hint)
    if hint is int:
        return draw.randint(-(size // 3), size)
    if hint is float:
        return draw.choice((0.0, float(draw.randint(-size, size)), draw.uniform(-size, size)))
    if hint in (str, bytes):
        text = "".join(draw.choice(LETTERS) for _ in range(draw.randrange(WORD) if inside else size))
        return text if hint is str else text.encode()
    if hint is bool:
        return draw.random() < 0.5
    if hint in (None, type(None)):
        return None
    if _is_union(origin):
        return drawn(draw.choice(inner), size, draw, inside)
    count = draw.randrange(4) if inside else size
    if origin in MAPPINGS:
        return {drawn(inner[0], size, draw, True): drawn(inner[1], size, draw, True) for _ in range(count)}
    if origin is tuple and inner[-1] is not Ellipsis:
        return tuple(drawn(i, size, draw, True) for i in inner)
    items = [drawn(inner[0], size, draw, True) for _ in range(count)]
    return items if origin in LISTS else origin(items)


def arguments(wanted: list[Any], size: int, draw: random.Random) -> tuple[Any, ...]:
    """One value for each annotation."""
    found: list[Any] = []
    for number, hint in enumerate(wanted):
        twin = found[wanted.index(hint)] if hint in wanted[:number] and draw.random() < RELATED else None
        found.append(drawn(hint, size, draw) if twin is None else _shuffled(twin, draw))
    return tuple(found)


def _shuffled(value: Any, draw: random.Random) -> Any:
    if isinstance(value, str):
        return "".join(draw.sample(value, len(value)))
    return draw.sample(value, len(value)) if isinstance(value, list) else value


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is what the annotation asks for, items included."""
    origin, inner = typing.get_origin(hint) or hint, typing.get_args(hint)
    if hint is None or hint is type(None):
        return value is None
    if _is_union(origin):
        return any(fits(value, i) for i in inner)
    if origin is float:
        return type(value) in (int, float)
    if not isinstance(value, origin) or (isinstance(value, bool) and origin is int):
        return False
    if origin in MAPPINGS:
        return all(fits(k, inner[0]) and fits(v, inner[1]) for k, v in value.items())
    if origin is tuple and inner[-1] is not Ellipsis:
        return len(value) == len(inner) and all(map(fits, value, inner))
    return all(fits(item, inner[0]) for item in value) if inner else True


def strategies(wanted: list[Any]) -> Any:
    """Hypothesis's strategy for the arguments, or None where Hypothesis is not installed. Numbers stay small."""
    try:
        st: Any = importlib.import_module("hypothesis.strategies")  # of the project, where it has it
    except ImportError:
        return None
    st.register_type_strategy(int, st.integers(-20, 20))
    st.register_type_strategy(float, st.floats(-1e6, 1e6))
    return st.tuples(*map(st.from_type, wanted))
