"""The program that holds two versions of a function against each other in the sandbox: equal answers, then seconds.

Run as `python race.py SPEC`; never imports `reviewer`, works with Python 3.8. SPEC is a JSON file: `before` and `after`
(files), the `package` that they are in ("" for none), the folder that imports `start` from, `name` of the function,
`recorded` (texts of tuples of arguments, literals: what the project's tests gave it),
`calls` (the same: what the function is for), `others` (guessed: their answers may differ, which is told), `budget`
(seconds for all), `report`. Where every parameter is annotated, calls that do not fit count as guessed.

The report is one JSON object a line: {"compared": {source: how many inputs gave equal answers}} or {"differ": [call,
before, after]}, {"outside": the same of the first guess that differs}, then {"size", "input" (in words), "before",
"after" (seconds, the best of some), "memory": [before, after] (peak bytes)}.
"""

# ruff: noqa: PTH119, PTH123, BLE001, S311, UP031, SIM115 - it runs code under review, on old Pythons
from __future__ import annotations

import ast
import contextlib
import copy
import importlib
import importlib.util
import inspect
import itertools
import json
import math
import os
import random
import signal
import sys
import time
import tracemalloc
import types
from typing import Any, Callable, Iterator  # noqa: UP035 - the file runs on Python 3.8

TURNS = 24
ENOUGH, LONG = 0.25, 2.0
REPEATS = 3
ITEMS = 100_000
CALL_SECONDS = 1.0
EXAMPLES = 100
NEIGHBOURS = 6

# They lie beside this file, wherever it is run.
BESIDE = f"{__package__}.%s" if __package__ else "llm_review_%s"
draws: Any = importlib.import_module(BESIDE % "draws")
growth: Any = importlib.import_module(BESIDE % "growth")
WAYS = (growth.sized, growth.grown_all, growth.apart)


class Late(BaseException):
    """A call took too long to be an input."""


def loaded(path: str, name: str, package: str = "") -> Any:
    """The function of that name in a file, which is in that package or in none."""
    module_name = ".".join(filter(None, (package, os.path.basename(path)[:-3])))
    spec: Any = importlib.util.spec_from_file_location(module_name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return getattr(module, name)


def answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What a call returns or raises, and what it did to its arguments, in a form that can be compared."""
    given = copy.deepcopy(arguments)
    try:
        signal.setitimer(signal.ITIMER_REAL, CALL_SECONDS)
        value = function(*given)
        if isinstance(value, types.GeneratorType) or hasattr(value, "__next__"):
            value = ["items", list(itertools.islice(value, ITEMS))]
    except (Exception, Late) as error:
        return ("raised", type(error).__name__, given)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return ("value", value, given)


def _too_late(_number: int, _frame: Any) -> None:
    raise Late


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


def told(answered: Any) -> str:
    """An answer in words."""
    if answered[:2] == ("raised", "Late"):
        return "no answer within %g s" % CALL_SECONDS
    return "raises " + str(answered[1]) if answered[0] == "raised" else growth.shown(answered[1])


class Race:
    """Two versions of a function, and the report."""

    def __init__(self, spec: dict[str, Any]) -> None:
        """Load both."""
        self._report = open(spec["report"], "w", encoding="utf-8")
        self._end = time.monotonic() + spec["budget"]
        self._name, self._package, self._files = spec["name"], spec["package"], (spec["before"], spec["after"])
        self._before, self._after = (self._loaded(file) for file in self._files)
        self._hints = draws.hints(self._before)
        self._recorded, usual, self._others = (
            [tuple(ast.literal_eval(t)) for t in spec[k]] for k in ("recorded", "calls", "others")
        )
        taken = [(call, self._fits(call)) for call in usual]
        self._calls = [call for call, fits in taken if fits]
        self._others += [call for call, fits in taken if not fits]

    def _loaded(self, file: str) -> Any:
        return loaded(file, self._name, self._package)

    def _fits(self, call: tuple[Any, ...]) -> bool:
        """Whether the function can be called so, by its signature and its annotations."""
        try:
            inspect.signature(self._before).bind(*call)
        except (TypeError, ValueError):
            return False
        return self._hints is None or all(map(draws.fits, call, self._hints))

    def write(self, **fields: Any) -> None:
        """Add a line."""
        self._report.write(json.dumps(fields) + "\n")
        self._report.flush()

    def equal(self) -> bool:
        """Compare the answers; what the first version does not repeat is no input. Ends at half of the time."""
        compared: dict[str, int] = {}
        start = time.monotonic()
        for part, (source, some) in enumerate(self._sources(), 1):
            end = start + (self._end - start) * part / 8
            for arguments in some:
                worked, difference = self._compare(arguments)
                if difference:
                    self.write(differ=difference)
                    return False
                compared[source] = compared.get(source, 0) + worked
                if time.monotonic() > end:
                    break
        if difference := self._by_hypothesis(compared):
            self.write(differ=difference)
            return False
        self.write(compared={k: n for k, n in compared.items() if n})
        for arguments in self._others:
            if time.monotonic() > (start + self._end) / 2:
                break
            if difference := self._compare(arguments)[1]:
                self.write(outside=difference)
                break
        return any(compared.values())

    def _sources(self) -> Iterator[tuple[str, Iterator[tuple[Any, ...]]]]:
        """Where inputs come from, the surest first."""
        yield "recorded", iter(self._recorded)
        yield "grown", growth.inputs((self._recorded[:4] + self._calls) or ([] if self._hints else self._others[:24]))
        yield "drawn", self._drawn()

    def _drawn(self) -> Iterator[tuple[Any, ...]]:
        """By the annotations, small ones first."""
        for size in growth.SMALL if self._hints else ():
            for turn in range(TURNS):
                yield draws.arguments(self._hints, size, random.Random("%d %d" % (size, turn)))

    def _by_hypothesis(self, compared: dict[str, int]) -> list[str]:
        """The smallest difference that Hypothesis finds, where the project has it; [] for none."""
        strategy = draws.strategies(self._hints) if self._hints else None
        if strategy is None:
            return []
        hypothesis: Any = importlib.import_module("hypothesis")

        found: list[list[str]] = []
        end = time.monotonic() + (self._end - time.monotonic()) / 4

        def same(arguments: tuple[Any, ...]) -> None:
            if time.monotonic() > end:
                return
            worked, difference = self._compare(arguments)
            compared["hypothesis"] = compared.get("hypothesis", 0) + worked
            if difference:
                found.append(difference)
                raise AssertionError

        limits: dict[str, Any] = {"max_examples": EXAMPLES, "deadline": None, "database": None, "derandomize": True}
        quiet: dict[str, Any] = {
            "suppress_health_check": list(hypothesis.HealthCheck),
            "verbosity": hypothesis.Verbosity.quiet,
        }
        with contextlib.suppress(Exception):
            hypothesis.settings(**limits, **quiet)(hypothesis.given(strategy)(same))()
        return found[-1] if found else []

    def _compare(self, arguments: tuple[Any, ...]) -> tuple[bool, list[str]]:
        """Whether the first version took the input, and the difference, if there is one."""
        first, again = (answer(self._before, arguments) for _ in range(2))
        if first[:2] == ("raised", "Late") or not alike(first, again):
            return False, []
        other = answer(self._after, arguments)
        same = alike(first, other)
        return first[0] == "value", [] if same else [growth.shown(arguments), told(first), told(other)]

    def measure(self) -> None:
        """Sizes that double, for the call that takes the first version longest, until it takes long enough."""
        ways = [(self._cost(way, call), way, call) for call in self._bases() for way in WAYS]
        cost, way, call = max(ways, key=lambda t: t[0]) if ways else (0.0, growth.sized, ())
        for size in growth.sizes(call) if cost > 0 else ():
            start = time.monotonic()
            if start > self._end:
                break
            arguments = self._hardest(call, size) if growth.numeric(call) else way(call, size, random.Random(size))
            if answer(self._before, arguments)[0] != "value":
                continue
            before, after = self._best(arguments)
            self.write(
                size=size, input=growth.outline(arguments), before=before, after=after, memory=self._memory(arguments)
            )
            if before > ENOUGH or time.monotonic() - start > LONG:
                break

    def _bases(self) -> list[tuple[Any, ...]]:
        """Calls to grow from; where there is none, some that the annotations ask for."""
        some = (self._recorded[:8] + self._calls) or ([] if self._hints else self._others[:24])
        return some or [draws.arguments(self._hints, 5, random.Random(turn)) for turn in range(4)]

    def _cost(self, way: Callable[..., Any], call: tuple[Any, ...]) -> float:
        """Seconds of the first version at a middling size; 0 where that raises."""
        if growth.numeric(call):
            return self._took(call) if way is growth.sized else 0.0
        return self._took(way(call, 256, random.Random(256)))

    def _took(self, arguments: tuple[Any, ...]) -> float:
        start = time.perf_counter()
        return time.perf_counter() - start if answer(self._before, arguments)[0] == "value" else 0.0

    def _hardest(self, call: tuple[Any, ...], size: int) -> tuple[Any, ...]:
        """Of the numbers up to a size the one that takes longest: an even number is no test of a search for primes."""
        near = [growth.sized(call, n, random.Random(n)) for n in range(max(1, size - NEIGHBOURS), size + 1)]
        return near[-1] if size < 40 else max(near, key=self._took)

    def _best(self, arguments: tuple[Any, ...]) -> tuple[float, float]:
        """Each time as it is loaded anew: what a version remembers from one call to the next must not count."""
        best = [math.inf, math.inf]
        for _ in range(REPEATS):
            for side, file in enumerate(self._files):
                best[side] = min(best[side], _seconds(self._loaded(file), arguments))
        return best[0], best[1]

    def _memory(self, arguments: tuple[Any, ...]) -> list[int]:
        found = []
        for file in self._files:
            function, given = self._loaded(file), copy.deepcopy(arguments)
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
    signal.signal(signal.SIGALRM, _too_late)
    sys.path[0] = spec["start"]
    race = Race(spec)
    if race.equal():
        race.measure()


if __name__ == "__main__":
    main()
