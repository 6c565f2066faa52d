"""Pairs of functions of one module whose names say that one undoes the other: what goes in must come out again."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .guess import guesses
from .probe import Function
from .values import Vocabulary

PAIRS = (
    ("encode", "decode"), ("dumps", "loads"), ("dump", "load"), ("serialize", "deserialize"), ("pack", "unpack"),
    ("escape", "unescape"), ("quote", "unquote"), ("compress", "decompress"), ("encrypt", "decrypt"),
    ("format", "parse"), ("flatten", "unflatten"), ("to", "from"), ("marshal", "unmarshal"), ("hexlify", "unhexlify"),
)  # fmt: skip
MOST = 40


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A test that gives a value to `there` and the result to `back`; `wanted` is the value as Python writes it."""

    there: str
    back: str
    function: ast.FunctionDef
    wanted: str


def round_trips(name: str, functions: Mapping[str, Function], words: Vocabulary) -> Iterator[RoundTrip]:
    """Round trips of one value each through the named function; `functions` are those of its module."""
    for there, back in _pairs_with(name):
        if there in functions and back in functions:
            for number, arguments in enumerate(itertools.islice(guesses(functions[there], words), MOST)):
                if len(arguments) == 1 and "=" not in arguments[0]:
                    text = f"def test_round_trip_{number}():\n    assert {back}({there}({arguments[0]}))"
                    function = ast.parse(text).body[0]
                    if isinstance(function, ast.FunctionDef):
                        yield RoundTrip(there, back, function, repr(ast.literal_eval(arguments[0])))


def _pairs_with(name: str) -> Iterator[tuple[str, str]]:
    """The two names, for each pair of words of which one is a word of the name."""
    parts = name.split("_")
    for pair in PAIRS:
        for at, part in enumerate(parts):
            if part in pair:
                there, back = ("_".join([*parts[:at], word, *parts[at + 1 :]]) for word in pair)
                yield there, back
