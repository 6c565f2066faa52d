"""The program that holds two versions of a function against each other in the sandbox: equal answers, then seconds.

Run as `python race.py SPEC`; never imports `reviewer`, works with Python 3.8. SPEC is a JSON file: `before` and `after`
(files), `name` of the function, `calls` (texts of tuples of arguments, literals: what the function is for), `others`
(the same, guessed: their answers may differ, which is told), `budget` (seconds for all), `report`.

The report is one JSON object a line: {"compared": how many inputs gave equal answers} or {"differ": [call, before,
after]}, {"outside": the same of the first guess that differs}, then {"size", "call", "before", "after" (seconds, the
best of some), "memory": [before, after] (peak bytes)}.
"""

# ruff: noqa: PTH100, PTH119, PTH120, PLR0911, PTH123, BLE001, S311, UP031, SIM115 - it runs code under review, on old Pythons
from __future__ import annotations

import ast
import copy
import importlib.util
import itertools
import json
import math
import os
import random
import sys
import time
import tracemalloc
import types
from typing import Any, Callable, Iterator  # noqa: UP035 - the file runs on Python 3.8

SMALL = (0, 1, 2, 3, 5, 9, 17)
DRAWS = 3
LARGEST = 1 << 20
ENOUGH = 0.25
REPEATS = 3
CLIP = 200
ITEMS = 100_000


def loaded(path: str, name: str) -> Any:
    """The function of that name in a file."""
    spec: Any = importlib.util.spec_from_file_location("raced_" + os.path.basename(path)[:-3], path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return getattr(module, name)


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


def answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What a call returns or raises, and what it did to its arguments, in a form that can be compared."""
    given = copy.deepcopy(arguments)
    try:
        value = function(*given)
        if isinstance(value, types.GeneratorType) or hasattr(value, "__next__"):
            value = ["items", list(itertools.islice(value, ITEMS))]
    except Exception as error:
        return ("raised", type(error).__name__, given)
    return ("value", value, given)


def alike(one: Any, other: Any) -> bool:
    """Equal, of one type all the way down; floats to nine digits, nan like nan."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or (one != one and other != other)  # noqa: PLR0124
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[k], other[k]) for k in one)
    return bool(one == other)


def inputs(calls: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The calls as they are, then grown in all their arguments, and grown in all but the numbers."""
    yield from calls
    for call in calls:
        for size in SMALL:
            for turn in range(DRAWS):
                draw = random.Random("%r %d %d" % (call, size, turn))
                yield tuple(grown(a, size, draw) for a in call)
                yield sized(call, size, draw)


def sized(call: tuple[Any, ...], size: int, draw: random.Random) -> tuple[Any, ...]:
    """The call with its texts and collections grown and its numbers kept; of numbers alone, each one that size."""
    if numeric(call):
        return tuple(size if type(a) is int else a for a in call)
    return tuple(a if isinstance(a, (int, float)) else grown(a, size, draw) for a in call)


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


def told(answered: Any) -> str:
    """An answer in words."""
    return "raises " + str(answered[1]) if answered[0] == "raised" else shown(answered[1])


class Race:
    """Two versions of a function, and the report."""

    def __init__(self, spec: dict[str, Any]) -> None:
        """Load both."""
        self._report = open(spec["report"], "w", encoding="utf-8")
        self._end = time.monotonic() + spec["budget"]
        self._name, self._files = spec["name"], (spec["before"], spec["after"])
        self._before, self._after = (loaded(file, self._name) for file in self._files)
        self._calls, self._others = ([tuple(ast.literal_eval(t)) for t in spec[k]] for k in ("calls", "others"))

    def write(self, **fields: Any) -> None:
        """Add a line."""
        self._report.write(json.dumps(fields) + "\n")
        self._report.flush()

    def equal(self) -> bool:
        """Compare the answers; what the first version does not repeat is no input. Ends at half of the time."""
        compared, half = 0, (self._end + time.monotonic()) / 2
        for arguments in inputs(self._calls):
            if time.monotonic() > half:
                break
            worked, difference = self._compare(arguments)
            if difference:
                self.write(differ=difference)
                return False
            compared += worked
        self.write(compared=compared)
        for arguments in self._others:
            if time.monotonic() > half:
                break
            if difference := self._compare(arguments)[1]:
                self.write(outside=difference)
                break
        return compared > 0

    def _compare(self, arguments: tuple[Any, ...]) -> tuple[bool, list[str]]:
        """Whether the first version took the input, and the difference, if there is one."""
        first, again = answer(self._before, arguments), answer(self._before, arguments)
        if not alike(first, again):
            return False, []
        other = answer(self._after, arguments)
        same = alike(first, other)
        return first[0] == "value", [] if same else [shown(arguments), told(first), told(other)]

    def measure(self) -> None:
        """Sizes that double, for the call that takes the first version longest, until it takes long enough."""
        timed = [(self._cost(call), call) for call in self._calls]
        cost, call = max(timed, key=lambda t: t[0]) if timed else (0.0, ())
        for size in sizes(call) if cost > 0 else ():
            if time.monotonic() > self._end:
                break
            arguments = sized(call, size, random.Random(size))
            if answer(self._before, arguments)[0] != "value":
                continue
            before, after = self._best(arguments)
            self.write(size=size, call=shown(call), before=before, after=after, memory=self._memory(arguments))
            if before > ENOUGH:
                break

    def _cost(self, call: tuple[Any, ...]) -> float:
        """Seconds of the first version at a middling size; 0 where that raises."""
        arguments = call if numeric(call) else sized(call, 256, random.Random(256))
        start = time.perf_counter()
        return time.perf_counter() - start if answer(self._before, arguments)[0] == "value" else 0.0

    def _best(self, arguments: tuple[Any, ...]) -> tuple[float, float]:
        """Each time as it is loaded anew: what a version remembers from one call to the next must not count."""
        best = [math.inf, math.inf]
        for _ in range(REPEATS):
            for side, file in enumerate(self._files):
                best[side] = min(best[side], _seconds(loaded(file, self._name), arguments))
        return best[0], best[1]

    def _memory(self, arguments: tuple[Any, ...]) -> list[int]:
        found = []
        for function in (self._before, self._after):
            given = copy.deepcopy(arguments)
            tracemalloc.start()
            _consumed(function(*given))
            found.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        return found


def _seconds(function: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    given = copy.deepcopy(arguments)
    start = time.perf_counter()
    _consumed(function(*given))
    return time.perf_counter() - start


def _consumed(value: Any) -> None:
    """A generator does its work when it is read."""
    if isinstance(value, types.GeneratorType) or hasattr(value, "__next__"):
        for _ in value:
            pass


def main() -> None:
    """Compare, then measure."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    sys.path[0] = os.path.dirname(os.path.abspath(spec["before"]))
    race = Race(spec)
    if race.equal():
        race.measure()


if __name__ == "__main__":
    main()
