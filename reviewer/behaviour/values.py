"""Other values for a value of a test: near ones first, of its own type, then those that programs forget."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LONGEST = 2_000
LARGEST = 10_000
CORPUS, SHORTEST, SPLICED, INSIDE = 6, 8, 300, 3


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Texts and numbers that the changed code itself names: what it compares with is what makes it branch.

    `parameters` are, by the name of a function or class of the changed files, what it may be given; `probes` are the
    names of the methods that lead to the change; `corpus` are texts that tests feed in and that have such words;
    `steps` are what may be done to an object before it is looked at, and
    `wraps` other forms of an argument (see `steps` and `wrap`).
    """

    texts: tuple[str, ...] = ()
    numbers: tuple[int | float, ...] = ()
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    probes: tuple[str, ...] = ()
    corpus: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    wraps: tuple[str, ...] = ()


def vocabulary(sources: Iterable[str]) -> Vocabulary:
    """The constants of pieces of code, those of the first pieces first; what does not parse is left out."""
    texts: dict[str, None] = {}
    numbers: dict[int | float, None] = {}
    for node in (n for source in sources for n in _constants(source)):
        value = node.value
        if isinstance(value, str) and 0 < len(value) <= 40:
            texts.update(dict.fromkeys((value, *value.split())))
        elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST:
            numbers[value] = None
    return Vocabulary(tuple(texts)[:40], tuple(numbers)[:20])


def corpus(sources: Iterable[str], words: Sequence[str]) -> tuple[str, ...]:
    """Texts in some tests that have several of the words (the more the better, then the shorter), not only one."""
    known = [word.lower() for word in words if len(word) > 1]
    found: dict[str, int] = {}
    for node in (n for source in sources for n in _constants(source)):
        if isinstance(node.value, str) and SHORTEST < len(node.value) <= SPLICED:
            found[node.value] = sum(word in node.value.lower() for word in known)
    best = sorted((text for text, count in found.items() if count), key=lambda text: (-found[text], len(text)))
    return tuple(best[:CORPUS])


def _constants(source: str) -> list[ast.Constant]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    prose = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    return [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in prose]


def others(value: object, words: Vocabulary) -> Iterator[tuple[object, bool]]:
    """Values to put in the place of a constant, each with whether it has the same type; none is equal to it."""
    seen = {_key(value)}
    for other in (*_alike(value, words), *_strange(value)):
        if _key(other) not in seen:
            seen.add(_key(other))
            yield other, type(other) is type(value) or (type(value) is int and type(other) is float)


def _key(value: object) -> str:
    return f"{type(value).__name__}:{value!r}"


def _alike(value: object, words: Vocabulary) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from _numbers(value, words)
    elif isinstance(value, str):
        yield from _texts(value, words)
    elif isinstance(value, bytes):
        yield from (b"", value + value, value[: len(value) // 2], value.upper(), value + b"\n")


def _numbers(value: int | float, words: Vocabulary) -> Iterator[int | float]:
    yield from (0, 1, -1, -value, value + 1, value - 1)
    yield from words.numbers
    for number in words.numbers:
        yield from (number + 1, number - 1, -number)
    yield from (value * 10, value * 1000) if abs(value) <= LARGEST else ()
    yield from (2, 3, 7, 10, 100, 999, 1000, 0.5, -0.5, value + 0.5, value / 3, 0.1)


def _texts(value: str, words: Vocabulary) -> Iterator[str]:
    if len(value) > LONGEST:
        return
    yield from ("", value.upper(), value.lower(), value.swapcase(), value + " ", " " + value)
    yield from (
        value.replace(" ", "\n"),
        value.replace(" ", "  "),
        value.replace("\n", " "),
        value + "\n",
        value + value,
    )
    half = len(value) // 2
    yield from (value[:half], value[half:], value[1:], value[:-1], value[:half] + " " + value[half:])
    yield from (value[:half] + "\n" + value[half:], f"-{value}", f"{value}.5", value.title(), value[::-1], "é" + value)
    for word in words.texts:
        yield from (word, f"{value} {word}", f"{word} {value}", value[:half] + word + value[half:])
        first, gap, rest = value.partition(" ")
        yield from (f"{first} {word}{gap}{rest}", value.replace(word, ""), value.replace(word, word.lower()))
    yield from _spliced(value, words)
    for separator in " ,;.-_/:=\"'()":
        pieces = value.split(separator)
        if 1 < len(pieces) <= 12:
            yield from (separator.join(pieces[:i] + pieces[i + 1 :]) for i in range(len(pieces)))
            yield from (separator.join([*pieces[: i + 1], *pieces[i:]]) for i in range(len(pieces)))
            yield value.replace(separator, separator * 2)


def _spliced(value: str, words: Vocabulary) -> Iterator[str]:
    """The text with another one before, behind, and in it, after a word that the change names."""
    inside = [word for word in words.texts if len(word) > 1 and word in value][:INSIDE]
    for other in words.corpus:
        if other != value:
            yield from (f"{value} {other}", f"{other} {value}")
            yield from (value.replace(word, f"{word} {other}", 1) for word in inside)


def _strange(value: object) -> Iterator[object]:
    """Of another type, where callers are often careless."""
    yield None
    if isinstance(value, str):
        yield from (0, 5, [value], value.encode("utf-8", "replace"))
    elif isinstance(value, bool) or value is None:
        yield from (0, 1, "", "a", True, False, [])
    elif isinstance(value, int | float):
        yield from (str(value), True, float(value) if abs(value) < 1e15 else 0.0, [value], "")


def parameters_of(sources: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By name, the parameters of every function of some files, and of every class that has an `__init__`."""
    found: dict[str, tuple[str, ...]] = {}
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef):
                made = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
                found |= {node.name: _names(made[0])} if made else {}
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("__"):
                found[node.name] = _names(node)
    return found


def _names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return tuple(a.arg for a in every if a.arg not in {"self", "cls"})
