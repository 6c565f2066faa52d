"""The program that runs tests that look (see `observe.py`) in the sandbox, and writes down what each of them saw.

Run as `python observer.py SPEC`; never imports `reviewer`, works with Python 3.8 and pytest 7. SPEC is a JSON file:
`arguments` for pytest, `report` (where to write), `place` (the snapshot as seen here), `seconds` (for one test).

The report has one JSON object per line: {"begin": id} and {"id", "seen": [[number, kind, text, literal, form], ...],
"end": how the test ended, "raised": [type, path, line] of what left it}. `kind` is "value", "items" (the first of a
generator, or of another lazy iterator) or "raised"; of what was raised the literal is "path:line", the deepest line of
the project, and the form "items" where taking the first items raised it. Else `form` is what is compared with the
literal: "{}", the value itself, or something like "repr({})".
"""

# ruff: noqa: PTH112, PTH118, PTH123, BLE001, UP031, ARG002 - it runs code under review, on old Pythons
from __future__ import annotations

import ast
import builtins
import collections.abc
import contextlib
import itertools
import json
import os
import re
import signal
import sys
import types
from typing import Any, Callable, Iterator  # noqa: UP035 - the file runs on Python 3.8

DEPTH = 5
ITEMS = 60
CLIP = 1500
SEEN = 60
MOST_LATE = 10
ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}|at [0-9A-F]{8,}")
LAZY = (types.GeneratorType, map, filter, zip, itertools.islice, itertools.chain)
PLAIN = (bool, int, type(None), str, bytes)


class Late(BaseException):
    """A test took too long."""


def described(value: object, depth: int = DEPTH) -> str:
    """A text that is equal for equal values on both sides, and says nothing of addresses or the order of sets."""
    if isinstance(value, PLAIN) and type(value) in PLAIN:
        return repr(value)
    if type(value) in (float, complex):
        return _number(value)
    if depth <= 0:
        return "..."
    if isinstance(value, BaseException):
        return type(value).__name__
    for kinds, describe in _KINDS:
        if isinstance(value, kinds):
            return describe(value, depth)
    return _object(value, depth)


def _number(value: Any) -> str:
    """Floats to 12 digits: the last ones depend on the order of a sum."""
    return "%.12g" % value if isinstance(value, float) else str(value)


def _mapping(value: Any, depth: int) -> str:
    pairs = [described(k, depth - 1) + ": " + described(v, depth - 1) for k, v in list(value.items())[:ITEMS]]
    if type(value).__name__ != "OrderedDict":
        pairs.sort()
    return _tagged(value, dict, "{" + ", ".join(pairs) + "}")


def _sequence(value: Any, depth: int) -> str:
    items = ", ".join(described(v, depth - 1) for v in list(value)[:ITEMS])
    return _tagged(value, (list, tuple), "(%s)" % items if isinstance(value, tuple) else "[%s]" % items)


def _set(value: Any, depth: int) -> str:
    return _tagged(
        value, (set, frozenset), "{" + ", ".join(sorted(described(v, depth - 1) for v in list(value)[:ITEMS])) + "}"
    )


def _named(value: Any, _depth: int) -> str:
    return "<%s %s>" % (type(value).__name__, getattr(value, "__qualname__", getattr(value, "__name__", "")))


def _tagged(value: Any, plain: Any, text: str) -> str:
    kinds = plain if isinstance(plain, tuple) else (plain,)
    return text if type(value) in kinds else type(value).__name__ + text


_KINDS: list[tuple[Any, Callable[[Any, int], str]]] = [
    (dict, _mapping),
    ((list, tuple), _sequence),
    ((set, frozenset), _set),
    ((type, types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType), _named),
    ((str, int, float, bytes), lambda v, d: _tagged(v, (), described(_base(v), d))),
]


def _base(value: Any) -> Any:
    kinds: Any = (str, int, float, bytes)
    for kind in kinds:
        if isinstance(value, kind):
            return kind(value) if kind is not str else str.__str__(value)
    return value


def _object(value: Any, depth: int) -> str:
    """By its own words where it has any; then by what it holds; else by its type alone."""
    kind: Any = type(value)
    if kind.__repr__ is not object.__repr__:
        return str(ADDRESS.sub("?", repr(value)))
    if kind.__str__ is not object.__str__:
        return str(ADDRESS.sub("?", str(value)))
    public = {k: v for k, v in sorted(getattr(value, "__dict__", {}).items()) if not k.startswith("_")}
    return str(kind.__name__) + (_mapping(public, min(depth, 3)) if public else "()")


def literal_of(value: object) -> tuple[str, str]:
    """The value as Python reads it, and the form that is compared with it; "" and "" where that is not possible.

    The form is "{}", "dict({})" or the like.
    """
    if literal := _exact(value):
        return literal, "{}"
    kinds: Any = (dict, list, tuple, set, str, int)
    for kind in kinds:
        if isinstance(value, kind) and type(value) not in (kind, bool):
            plain: Any = str.__str__(value) if kind is str else kind(value)
            literal, form = literal_of(plain)
            return literal, form.format(kind.__name__ + "({})") if form else ""
    said = _as_text(value)
    like = None if said[1] or type(value) in (list, dict, set, tuple, bytes) else _like(value)
    if like is None:
        return said
    literal, form = literal_of(like(value))
    return literal, form.format(like.__name__ + "({})") if form else ""


def _like(value: object) -> Any:
    """The plain kind of a container that is none of Python's own."""
    kinds = ((collections.abc.Mapping, dict), (collections.abc.Set, set), (collections.abc.Sequence, list))
    return next((kind for abstract, kind in kinds if isinstance(value, abstract)), None)


def _exact(value: object) -> str:
    try:
        text = repr(value)
        same = len(text) <= CLIP and type(ast.literal_eval(text)) is type(value) and ast.literal_eval(text) == value
        return text if same and type(value) is not float else ""
    except Exception:
        return ""


def _as_text(value: object) -> tuple[str, str]:
    """By the value's own words, where it has any that say nothing of addresses; numbers are compared by themselves."""
    if isinstance(value, (float, complex, type, types.FunctionType, types.ModuleType, types.MethodType)):
        return "", ""
    own: Any = type(value)
    said = repr if own.__repr__ is not object.__repr__ else str if own.__str__ is not object.__str__ else None
    try:
        text: Any = said(value) if said else ""
    except Exception:
        return "", ""
    good = type(text) is str and 0 < len(text) <= CLIP and not _telling(text)
    return (repr(text), said.__name__ + "({})") if said and good else ("", "")


def _telling(text: str) -> bool:
    return bool(ADDRESS.search(text)) or " at 0x" in text


class Notes:
    """What one test saw."""

    def __init__(self, place: str) -> None:
        """Nothing yet; `place` is the snapshot's folder."""
        self.place, self._given = os.path.realpath(place), place
        self.seen: list[list[Any]] = []
        self.active = False

    def observe(self, number: int, value: Any) -> Any:
        """Note a value and give it back."""
        if not self.active or len(self.seen) >= SEEN:
            return value
        kind = "value"
        self.active = False
        try:
            if isinstance(value, LAZY):
                shown, value, error = _first(value)
                if error is not None:
                    place = "%s:%d" % deepest(error, self.place)
                    self.seen.append([number, "raised", type(error).__name__, place, "items"])
                    return value
                kind = "items"
            else:
                shown = value
            text, (literal, form) = self._placeless(described(shown)), literal_of(shown)
            if self._placeless(literal) != literal:
                literal, form = "", ""
        except Exception as error:
            text, literal, form = "<%s when it was described>" % type(error).__name__, "", ""
        finally:
            self.active = True
        if len(text) > CLIP:
            text = "%s... %d %d" % (text[:CLIP], len(text), _hash(text))
        self.seen.append([number, kind, text, literal, form])
        return value

    def _placeless(self, text: str) -> str:
        """Both sides lie in folders of their own: that is no difference."""
        return text.replace(self.place, "<here>").replace(self._given, "<here>")

    def raised(self, number: int, error: BaseException) -> None:
        """Note an exception."""
        if self.active and len(self.seen) < SEEN:
            self.seen.append([number, "raised", type(error).__name__, "%s:%d" % deepest(error, self.place), ""])

    def attempt(self, number: int, call: Callable[[], Any]) -> Any:
        """Note what a call returns or raises."""
        try:
            return self.observe(number, call())
        except Exception as error:
            self.raised(number, error)
            return None

    @contextlib.contextmanager
    def raises(self, number: int) -> Iterator[Any]:
        """Note what a block raises; it ends there, and the test goes on."""
        info = types.SimpleNamespace(value=None, exception=None, type=None, match=lambda *_: True)
        try:
            yield info
        except Exception as error:
            info.value = info.exception = error
            info.type = type(error)
            self.raised(number, error)
        else:
            if self.active and len(self.seen) < SEEN:
                self.seen.append([number, "value", "nothing was raised", "", ""])


def _first(value: Any) -> tuple[list[Any], Iterator[Any], Exception | None]:
    """The first items, the iterator as if they had not been taken, and the exception that taking them ended with."""
    first: list[Any] = []
    try:
        for item in itertools.islice(value, ITEMS):
            first.append(item)  # noqa: PERF402 - what came before an exception is kept
    except Exception as error:
        return first, _again(first, error), error
    return first, itertools.chain(first, value), None


def _again(first: list[Any], error: Exception) -> Iterator[Any]:
    yield from first
    raise error


def _hash(text: str) -> int:
    """The same in every process."""
    total = 0
    for character in text:
        total = (total * 31 + ord(character)) % 1000003
    return total


def deepest(error: BaseException, place: str) -> tuple[str, int]:
    """The deepest line of the project in a traceback: its path and number."""
    found = ("", 0)
    step = error.__traceback__
    while step is not None:
        real = os.path.realpath(step.tb_frame.f_code.co_filename)
        if real.startswith(place + os.sep):
            found = (os.path.relpath(real, place).replace(os.sep, "/"), step.tb_lineno)
        step = step.tb_next
    return found


class Looker:
    """The pytest plugin."""

    def __init__(self, spec: dict[str, Any], file: Any, notes: Notes) -> None:
        """`file` is the report, open for writing."""
        self._file, self._notes = file, notes
        self._seconds, self._pid = spec["seconds"], os.getpid()
        self._ends: dict[str, tuple[str, list[Any]]] = {}
        self._late = 0

    def _write(self, **fields: Any) -> None:
        if os.getpid() == self._pid:
            self._file.write(json.dumps(fields) + "\n")
            self._file.flush()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test begins."""
        self._write(begin=nodeid)
        self._notes.seen = []
        self._ends[nodeid] = ("passed", [])

    def pytest_runtest_call(self, item: Any) -> None:
        """Its time begins to run, and what it sees is noted."""
        self._notes.active = True
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, _too_late)
            signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def pytest_runtest_makereport(self, item: Any, call: Any) -> None:
        """How it ended."""
        if call.when == "call":
            self._notes.active = False
            if hasattr(signal, "setitimer"):
                signal.setitimer(signal.ITIMER_REAL, 0)
        if call.excinfo is None:
            return
        error = call.excinfo.value
        name = "late" if isinstance(error, Late) else type(error).__name__
        self._late += name == "late"
        if self._late >= MOST_LATE:
            item.session.shouldstop = "too many tests do not end"
        if name in ("Skipped", "XFailed"):
            self._ends[item.nodeid] = ("skipped", [])
        elif self._ends[item.nodeid][0] == "passed":
            self._ends[item.nodeid] = ("failed in " + call.when, [name, *deepest(error, self._notes.place)])

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """It has ended."""
        end, raised = self._ends.pop(nodeid, ("passed", []))
        self._write(id=nodeid, seen=self._notes.seen, end=end, raised=raised)


def _too_late(_number: int, _frame: Any) -> None:
    raise Late


def main() -> None:
    """Run pytest as the spec says; never returns."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    sys.argv[:] = ["pytest", *spec["arguments"]]
    del sys.path[0]
    import pytest  # noqa: PLC0415

    notes = Notes(spec["place"])
    for name, value in (("_observe_", notes.observe), ("_raises_", notes.raises), ("_attempt_", notes.attempt)):
        setattr(builtins, name, value)
    place = spec["place"]
    source = os.path.join(place, "src")
    sys.path[:0] = [source, place] if os.path.isdir(source) else [place]
    with open(spec["report"], "w", encoding="utf-8") as report:
        pytest.main(spec["arguments"], plugins=[Looker(spec, report, notes)])
    os._exit(0)


if __name__ == "__main__":
    main()
