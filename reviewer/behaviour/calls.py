"""Tests for a function that none looks at: plain calls, their arguments taken from what is written about it.

Arguments come from the docstring's examples, from calls with literal arguments in the project, from annotations and
defaults, and from a small pool of common values, of which those that the function refuses are dropped by running them.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .guess import MOST, guesses
from .probe import Function
from .values import Vocabulary

NO_WORDS = Vocabulary()
GIVES = re.compile(r"`*\s*(?:={1,3}>?|-+>|➞|→|#\s*(?:=>?|->)?|,?\s*(?:is|gives|returns|should return|should be))\s*`*")


@dataclass(frozen=True, slots=True)
class CallTest:
    """A test that makes one call. `known`: the call is written in the project; `wanted`: what the docs say it gives."""

    function: ast.FunctionDef
    known: bool
    wanted: str


def call_tests(name: str, function: Function, written: Iterable[str], words: Vocabulary = NO_WORDS) -> list[CallTest]:
    """Tests that call a function or class by its name; `written` are texts in which calls of it may stand.

    `function` is its definition, or that of the `__init__`. None for a coroutine.
    """
    if isinstance(function, ast.AsyncFunctionDef):
        return []
    prose = dict(_prose(name, function))
    wanted = {**prose, **dict(_examples(name, function))}
    known = [
        *wanted,
        *(ast.unparse(c) for text in written for c in _literal_calls(text, name)),
    ]
    guessed = (ast.unparse(_call(name, arguments)) for arguments in guesses(function, words))
    calls = dict.fromkeys(itertools.chain(known, guessed))
    said = frozenset(known)
    return [
        CallTest(_test(name, number, ast.parse(text, mode="eval").body), text in said, wanted.get(text, ""))
        for number, text in enumerate(itertools.islice(calls, MOST))
    ]


def module_name(root: Path, path: str) -> tuple[str, str]:
    """The dotted name under which a file is imported, and the folder (relative, "" for the top) to import it from."""
    pure = PurePosixPath(path)
    parts = [] if pure.stem == "__init__" else [pure.stem]
    folder = pure.parent
    while (root / folder / "__init__.py").is_file() and folder.name:
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts), "" if str(folder) == "." else str(folder)


def module_of(name: str, folder: str, functions: Sequence[str], tests: Sequence[Function]) -> str:
    """The text of a test module that imports some functions."""
    place = [f"import sys\nsys.path.insert(0, {folder!r})"] if folder not in {"", "src"} else []
    return "\n".join(
        [
            *place,
            f"from {name} import {', '.join(functions)}",
            *(ast.unparse(ast.fix_missing_locations(t)) for t in tests),
        ]
    )


def _test(name: str, number: int, call: ast.expr) -> ast.FunctionDef:
    """A test that looks at the result, and at arguments that could be changed on the way."""
    if not isinstance(call, ast.Call):
        raise TypeError(ast.unparse(call))
    body: list[ast.stmt] = []
    looked: list[ast.stmt] = []
    arguments: list[ast.expr] = []
    for i, argument in enumerate(call.args):
        given = ast.Name(f"given_{i}", ast.Load())
        mutable = isinstance(argument, ast.List | ast.Dict | ast.Set)
        if mutable:
            body.append(ast.Assign([ast.Name(given.id, ast.Store())], argument))
            looked.append(ast.Assert(given))
        arguments.append(given if mutable else argument)
    body += [ast.Assert(ast.Call(call.func, arguments, call.keywords)), *looked]
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    test = ast.FunctionDef(f"test_{name.strip('_')}_{number}", nothing, body, [])
    return ast.parse(ast.unparse(ast.fix_missing_locations(test))).body[0]  # type: ignore[return-value]


def _call(name: str, arguments: Sequence[str]) -> ast.expr:
    return ast.parse(f"{name}({', '.join(arguments)})", mode="eval").body


def _examples(name: str, function: Function) -> Iterator[tuple[str, str]]:
    """The docstring's examples that are one call: the call, and its value as Python writes it."""
    try:
        examples = doctest.DocTestParser().get_examples(ast.get_docstring(function) or "")
    except ValueError:
        return
    for example in examples:
        call = _literal_call(example.source.strip(), name)
        with contextlib.suppress(ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            if call is not None:
                yield ast.unparse(call), repr(ast.literal_eval(example.want.strip()))


def _prose(name: str, function: Function) -> Iterator[tuple[str, str]]:
    """Calls that stand anywhere else in the docstring, and what is said there that they give, or ""."""
    text = ast.get_docstring(function) or ""
    for found in re.finditer(rf"\b{re.escape(name)}\(", text):
        rest = text[found.start() :]
        for end in (m.end() for m in itertools.islice(re.finditer(r"\)", rest), 8)):
            if (call := _literal_call(rest[:end], name)) is not None:
                yield ast.unparse(call), _said_after(rest[end:].partition("\n")[0])
                break


def _said_after(text: str) -> str:
    """The literal that a line goes on with after a sign that stands for "gives"; "" where there is none."""
    found = GIVES.match(text)
    words = text[found.end() :].split() if found else []
    for number in range(len(words), 0, -1):
        with contextlib.suppress(ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return repr(ast.literal_eval(" ".join(words[:number]).rstrip(".;")))
    return ""


def _literal_calls(text: str, name: str) -> Iterator[ast.Call]:
    if name not in text:
        return
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_plain(node) and _last_name(node.func) == name:
            yield ast.Call(ast.Name(name, ast.Load()), node.args, node.keywords)


def _literal_call(text: str, name: str) -> ast.Call | None:
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return node if isinstance(node, ast.Call) and _last_name(node.func) == name and _is_plain(node) else None


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_plain(call: ast.Call) -> bool:
    """Whether every argument is a literal."""
    try:
        for value in (*call.args, *(k.value for k in call.keywords)):
            ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return all(k.arg for k in call.keywords)
