"""The program that runs the project's tests in the sandbox and writes down what the functions of one file are given.

Run as `python recorder.py SPEC`; never imports `reviewer`, works with Python 3.8. SPEC is a JSON file: `arguments` (for
pytest), `place` (the tree's top), `file` (whose functions are watched), `report`.

The report is one JSON object: by the first line of a function (decorators included) {"calls": [texts of tuples of
literal arguments, each once], "count": how often it was called, "given": {parameter: {type: how often}}, "returned":
{type: how often}}. A type is written as an annotation; "?" is one that cannot be, "list[]" an empty list.
"""

# ruff: noqa: PTH112, PTH118, PTH123, BLE001, UP031 - it runs code under review, on old Pythons
from __future__ import annotations

import ast
import dis
import inspect
import json
import os
import sys
import threading
from typing import Any

MOST_CALLS = 60
LONGEST = 2000
ITEMS = 200
PLAIN = (int, float, str, bool, bytes, complex)
NOT_TOLD = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def kind(value: Any, depth: int = 0) -> str:
    """The type of a value as an annotation."""
    if value is None:
        return "None"
    if type(value) in PLAIN:
        return str(type(value).__name__)
    if depth > 2 or type(value) not in (list, set, frozenset, dict, tuple) or len(value) > ITEMS:
        return "?"
    name = type(value).__name__
    if not value:
        return "%s[]" % name
    if isinstance(value, tuple):
        return "tuple[%s]" % ", ".join(kind(v, depth + 1) for v in value)
    parts = (value.keys(), value.values()) if isinstance(value, dict) else (value,)
    inner = [sorted({kind(v, depth + 1) for v in part}) for part in parts]
    return "%s[%s]" % (name, ", ".join(i[0] for i in inner)) if all(len(i) == 1 for i in inner) else "?"


def literal(values: tuple[Any, ...]) -> str:
    """The arguments as a text that gives them back, or ""."""
    try:
        text = repr(values)
        return text if len(text) <= LONGEST and ast.literal_eval(text) == values else ""
    except Exception:
        return ""


class Recorder:
    """A profile function; `found` is the report."""

    def __init__(self, file: str) -> None:
        """Watch the functions of one file."""
        self._file = os.path.realpath(file)
        self._mine: dict[str, bool] = {}
        self.found: dict[int, dict[str, Any]] = {}

    def __call__(self, frame: Any, event: str, value: Any) -> None:
        """A function is called, or gives something back."""
        code = frame.f_code
        if event in ("call", "return") and self._watched(code.co_filename) and code.co_flags & inspect.CO_NEWLOCALS:
            one = self.found.setdefault(
                code.co_firstlineno, {"name": code.co_name, "calls": {}, "count": 0, "given": {}, "returned": {}}
            )
            if event == "call":
                self._called(one, frame)
            elif not code.co_flags & NOT_TOLD and (value is not None or _returns(frame)):
                _count(one["returned"], value)

    def _watched(self, name: str) -> bool:
        if name not in self._mine:
            self._mine[name] = os.path.realpath(name) == self._file
        return self._mine[name]

    def _called(self, one: dict[str, Any], frame: Any) -> None:
        code = frame.f_code
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        values = [frame.f_locals[n] for n in names if n in frame.f_locals]
        if len(values) < len(names):
            return  # a generator goes on, its arguments gone or changed
        one["count"] += 1
        for name, value in zip(names, values):  # noqa: B905 - old Pythons
            _count(one["given"].setdefault(name, {}), value)
        alone = not (code.co_kwonlyargcount or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS))
        if alone and len(one["calls"]) < MOST_CALLS and (text := literal(tuple(values))):
            one["calls"][text] = None


def _count(counts: dict[str, int], value: Any) -> None:
    try:
        name = kind(value)
    except Exception:
        name = "?"
    counts[name] = counts.get(name, 0) + 1


def _returns(frame: Any) -> bool:
    """Whether it gives None back, and does not end by an exception."""
    return str(dis.opname[frame.f_code.co_code[frame.f_lasti]]).startswith("RETURN")


def main() -> None:
    """Run pytest as the spec says and write the report; never returns."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    sys.argv[:] = ["pytest", *spec["arguments"]]
    del sys.path[0]
    import pytest  # noqa: PLC0415 - the project's, while only installed code is in reach

    place = spec["place"]
    source = os.path.join(place, "src")
    sys.path[:0] = [source, place] if os.path.isdir(source) else [place]
    recorder = Recorder(spec["file"])
    threading.setprofile(recorder)
    sys.setprofile(recorder)
    code = int(pytest.main(spec["arguments"]))
    sys.setprofile(None)
    found = {str(line): dict(one, calls=list(one["calls"])) for line, one in recorder.found.items()}
    with open(spec["report"], "w", encoding="utf-8") as report:
        json.dump(found, report)
    os._exit(code)


if __name__ == "__main__":
    main()
