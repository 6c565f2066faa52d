"""Arguments for a function that nothing shows how to call: annotations, defaults, names and use tell."""

from __future__ import annotations

import ast
import itertools
import random
import re
from collections.abc import Iterator, Sequence

from .pins import pinned
from .probe import Function
from .values import Vocabulary

MOST = 400
ROWS = 4
POOL = (
    "0", "1", "2", "5", "10", "-1", "''", "'a'", "'hello world'", "'aBc 12'", "[]", "[1, 2, 3]", "[3, 1, 2, 2]",
    "['b', 'a', 'b']", "[[1, 2], [3]]", "{}", "{'a': 1, 'b': 2}", "(1, 2)", "1.5", "True", "None", "{1, 2}", "'()[]'",
    "100", "17", "'1 2 3'", "'1010'",
)  # fmt: skip
NUMBERS = ("0", "1", "2", "3", "5", "7", "10", "-3", "16", "31", "100")
TEXTS = ("''", "'a'", "'hello world'", "'aBc 12'", "'a, b;c'", "'  x '", "'(())'", "'1010'", "'abcab'", "'racecar'")
LISTS = (
    "[]", "[1]", "[3, 1, 2, 2]", "[1, -2, 3]", "[1, 2, 3, 4, 5]", "[9, 9]", "['b', 'a', 'b']", "[1.5, 2.0]",
    "[[1, 2], [3]]", "['hello', 'Bc', '']", "[5, 4, 3, 2, 1, 0]",
)  # fmt: skip
MAPPINGS = ("{}", "{'a': 1, 'b': 2}", "{'b': 'x', 'A': 'y'}", "{(0, 1): 3, (1, 2): 4, (2, 0): 1}")
BY_WORD = {
    "int": (*NUMBERS, "1000"), "float": ("0.0", "1.0", "1.5", "-2.25", "10.0", "1234.5678", "3"),
    "number": ("0", "1.5", "3", "-2.25", "1234.5678", "1000000"), "complex": ("1j", "2"), "bool": ("True", "False"),
    "str": TEXTS, "string": TEXTS, "bytes": ("b''", "b'abc'"), "list": LISTS,
    "sequence": ("[]", "[3, 1, 2, 2]", "'abc'", "(1, 2)"), "iterable": ("[]", "[3, 1, 2, 2]", "'abc'", "(1, 2)"),
    "tuple": ("()", "(1, 2)", "('a', 1)"), "set": ("set()", "{1, 2}"), "dict": MAPPINGS, "mapping": MAPPINGS,
    "none": ("None",),
}  # fmt: skip
BY_NAME = (
    (r"^(n|m|k|i|j|x|y|a|b|num|number|count|size|length|width|height|cols|index|limit|base|start|end|step|max.*|min.*)$",
     "int"),
    (r"^(s|t|text|string|str\d*|word|name|line|char|txt|message|source|prefix|suffix|sep|delimiter|pattern)$", "str"),
    (r"^(arr|array|l|ls|lst|list\d*|nums|numbers|items|values|seq|xs|strings|words|lines|elements|data|.*_list)$",
     "list"),
    (r"^(d|dic|dict|mapping|table|.*_by_.*|.*_map)$", "dict"),
)  # fmt: skip
HOLDERS = frozenset({"list", "sequence", "iterable", "collection", "tuple", "set"})
# Larger than what anybody loops over: only for functions of one argument, and the last that they are given.
HUGE = (str(10**20), str(10**36), "1e300", str(-(10**40)))
ARITHMETIC = ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow | ast.LShift | ast.RShift


def guesses(function: Function, words: Vocabulary, seed: int = 0) -> Iterator[tuple[str, ...]]:
    """Arguments as texts: for the parameters without a default, then also for those that have one, by keyword."""
    parameters = [a for a in (*function.args.posonlyargs, *function.args.args) if a.arg not in {"self", "cls"}]
    needed = len(parameters) - len(function.args.defaults)
    needed = needed if needed > 0 else min(1, len(parameters))
    pools = [_pool(p, function, words) for p in parameters[:needed]]
    choice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    plain = _some(pools, choice)
    tail = len(parameters) - needed
    optional = list(zip(parameters[needed:], function.args.defaults[-tail:] if tail else (), strict=True))
    optional += [(a, d) for a, d in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if d]
    added = [f"{p.arg}={value}" for p, default in optional for value in _like(default, p, function, words)]
    with_more = [(*row, one) for one in added for row in choice.sample(plain, min(len(plain), ROWS))]
    choice.shuffle(with_more)
    edges = pinned(function, [p.arg for p in parameters[:needed]], plain, choice) if plain else ()
    rows = itertools.zip_longest(plain, with_more, edges)
    yield from (row for some in rows for row in some if row is not None)
    if needed == 1 and any(row[0] in NUMBERS for row in plain):
        yield from ((value,) for value in HUGE)


def _some(pools: Sequence[Sequence[str]], choice: random.Random) -> list[tuple[str, ...]]:
    every = list(itertools.islice(itertools.product(*pools), 50_000))
    return choice.sample(every, min(len(every), MOST)) if len(pools) > 1 else every


def _like(default: ast.expr, parameter: ast.arg, function: Function, words: Vocabulary) -> Sequence[str]:
    """Values for a parameter that has a default: of the default's type, or what the rest says."""
    kind = type(default.value).__name__ if isinstance(default, ast.Constant) else type(default).__name__.lower()
    known = BY_WORD.get(kind, ()) if kind != "NoneType" else ()
    return tuple(v for v in known or _pool(parameter, function, words) if v != ast.unparse(default))


def _pool(parameter: ast.arg, function: Function, words: Vocabulary) -> Sequence[str]:
    """Values that the annotation tells of, else what is done with it, else its name; else common ones."""
    if parameter.annotation is not None:
        told = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+", ast.unparse(parameter.annotation))]
        if found := _of_kinds(told, words):
            return found
    used = _kinds_by_use(parameter.arg, function)
    named = [kind for pattern, kind in BY_NAME if re.match(pattern, parameter.arg)]
    found = _of_kinds(used or named, words)
    return tuple(dict.fromkeys((*found, *POOL))) if found else POOL


def _of_kinds(kinds: Sequence[str], words: Vocabulary) -> tuple[str, ...]:
    """The common values of some types, and those that the code itself names."""
    found = [value for kind in kinds for value in BY_WORD.get(kind, ())]
    if "str" in kinds and not HOLDERS.isdisjoint(kinds):
        found += ["['a']", "['b', 'a']", "('a',)"]
    if "str" in kinds:
        found += [repr(text) for text in words.texts[:8]]
    if "int" in kinds or "float" in kinds:
        found += [repr(number) for number in words.numbers[:8]]
    return tuple(dict.fromkeys(found))


def _kinds_by_use(name: str, function: Function) -> list[str]:
    """What the methods that are called on it, or the arithmetic that is done with it, say of its type."""
    found: list[str] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and _is(node.value, name):
            found += [kind.__name__ for kind in (str, list, dict) if hasattr(kind, node.attr)]
        counted = isinstance(node, ast.BinOp) and isinstance(node.op, ARITHMETIC) and _is(node.left, name)
        ranged = isinstance(node, ast.Call) and _is(node.func, "range") and any(_is(a, name) for a in node.args)
        found += ["int"] if counted or ranged else []
    return list(dict.fromkeys(found))


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
