"""Calls of a changed method on every object that a test makes: a test that uses a class may not use all of it."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable, Iterator, Sequence

from .values import Vocabulary

Function = ast.FunctionDef | ast.AsyncFunctionDef
OPERATORS = {
    "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">=", "__eq__": "==", "__ne__": "!=", "__or__": "|",
    "__and__": "&", "__sub__": "-", "__xor__": "^", "__add__": "+", "__mul__": "*", "__truediv__": "/", "__mod__": "%",
    "__floordiv__": "//", "__ror__": "|", "__rand__": "&", "__rsub__": "-", "__radd__": "+", "__ior__": "|",
}  # fmt: skip
OF_ONE = {
    "__len__": "len({0})", "__iter__": "list({0})", "__repr__": "repr({0})", "__str__": "str({0})",
    "__hash__": "hash({0})",
    "__bool__": "bool({0})", "__reversed__": "list(reversed({0}))", "__float__": "float({0})", "__int__": "int({0})",
    "__copy__": "__import__('copy').copy({0})", "__deepcopy__": "__import__('copy').deepcopy({0})",
}  # fmt: skip
OF_TWO = {"__contains__": "{1} in {0}", "__getitem__": "{0}[{1}]", "__delitem__": "{0}.__delitem__({1})"}
VALUES = ("0", "1", "-1", "None", "'a'", "''", "[]", "[1, 2]", "{}", "True", "2")
SLICES = ("1:3", ":-1", "::2", "-2:")
MOST_OBJECTS, MOST_CALLS, NEAREST = 5, 14, 2


def probes_of(function: Function, words: Vocabulary) -> Iterator[str]:
    """Calls of the changed methods on the objects of a test, as text."""
    objects = objects_of(function)
    yield from _interleaved([list(_calls(name, objects, words)) for name in words.probes])


def looks_at(function: Function, words: Vocabulary) -> list[str]:
    """What became of the objects of a test, and what those of the nearest names that may be properties give."""
    objects = objects_of(function)
    names = [name for name in words.probes[:NEAREST] if not name.startswith("__")]
    return [*objects, *(f"{one}.{name}" for name in names for one in objects)]


def with_step(function: Function, call: str) -> Function:
    """The test with one more step at its end."""
    fresh = function.__class__.__new__(function.__class__)
    fresh.__dict__.update({**function.__dict__, "body": [*function.body, *ast.parse(f"assert {call}").body]})
    return fresh


def _interleaved(groups: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in itertools.zip_longest(*groups):
        yield from (call for call in row if call is not None)


def objects_of(function: Function) -> list[str]:
    """The names that a test binds, and what it keeps in itself; the last bound first."""
    names: dict[str, None] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names[node.id] = None
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            if not node.attr.startswith(("assert", "fail", "skip", "subTest")):
                names[f"self.{node.attr}"] = None
        elif isinstance(node, ast.arg) and node.arg != "self":
            names[node.arg] = None
    return list(names)[::-1][:MOST_OBJECTS]


def _calls(name: str, objects: Sequence[str], words: Vocabulary) -> Iterator[str]:
    if name in OF_ONE:
        yield from (OF_ONE[name].format(one) for one in objects)
    elif name in OPERATORS:
        yield from (f"({a}) {OPERATORS[name]} ({b})" for a in objects for b in (*objects, "[1, 2]", "{1}"))
    elif name in OF_TWO:
        slices = SLICES if name == "__getitem__" else ()
        yield from (OF_TWO[name].format(a, b) for a in objects for b in (*VALUES, *_constants(words), *slices))
    elif not name.startswith("__"):
        yield from (f"{one}.{call}" for one in objects for call in _with_arguments(name, objects, words))


def _with_arguments(name: str, objects: Sequence[str], words: Vocabulary) -> list[str]:
    values = [*VALUES, *_constants(words), *objects]
    parameters = words.parameters.get(name, ())
    calls = [f"{name}()", *(f"{name}({value})" for value in values if parameters)]
    calls += [f"{name}({a}, {b})" for a, b in itertools.pairwise(values) if len(parameters) > 1]
    return calls[:MOST_CALLS]


def _constants(words: Vocabulary) -> list[str]:
    return [*map(repr, words.numbers[:4]), *map(repr, words.texts[:4])]


def leading_to(names: Iterable[str], source: str) -> tuple[str, ...]:
    """The public functions and methods of a file through which those of the given names are reached, nearest first."""
    callers: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            for inner in ast.walk(node):
                used = inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", None)
                if isinstance(used, str) and used != node.name:
                    callers.setdefault(used, set()).add(node.name)
    reached = dict.fromkeys(names)
    queue = list(reached)
    for name in queue:
        if name in names or (name.startswith("_") and not name.endswith("__")):
            new = sorted(callers.get(name, set()) - reached.keys())
            reached |= dict.fromkeys(new)
            queue += new
    return tuple(n for n in reached if n != "__init__" and (not n.startswith("_") or n.endswith("__")))[:12]
