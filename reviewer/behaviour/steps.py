"""Steps that are put into a test: an object is changed before the test looks at it (again).

They are written with `_it_` for the object. Most are calls that the project's own tests make of the changed files'
methods, on whatever object: what one test does is tried on what another one has built.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from .edit import Edit
from .probe import Function, objects_of
from .values import Vocabulary

IT = "_it_"
KEYS = ("'new'", "0", f"list({IT})[0]", f"list({IT})[1]", f"list({IT})[-1]")
ITEMS = ("1", "'a'", "{'a': 1}", "[1, 2]", "[{'a': 1}]")
INSIDE = (f"list({IT}.values())[0]", f"list({IT}.values())[-1]")
ATTRIBUTE = re.compile(r"\bself\.([a-z]\w*)\b(?!\()")
MOST_CALLS, MOST_ARGUMENTS = 40, 3


def step_texts(probes: Iterable[str], methods: Iterable[str], lines: str, tests: Iterable[str]) -> tuple[str, ...]:
    """What may be done to an object: `probes` lead to the change, `methods` are those of the changed files.

    `lines` are the changed ones, whose attributes are taken away; `tests` are the texts of test modules.
    """
    texts = [f"{IT}.__setitem__({key}, {item})" for key in KEYS for item in ITEMS] if "__setitem__" in probes else []
    texts += [f"{IT}.__delitem__({key})" for key in KEYS] if "__delitem__" in probes else []
    texts += [f"setattr({IT}, {name!r}, None)" for name in dict.fromkeys(ATTRIBUTE.findall(lines))]
    wanted = {name for name in methods if not name.startswith("_")}
    recorded = dict.fromkeys(call for text in tests for call in _recorded(text, wanted))
    return (*texts, *list(recorded)[:MOST_CALLS])


def _recorded(text: str, wanted: set[str]) -> Iterator[str]:
    """The calls of methods of those names with literal arguments."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in wanted:
            given = [*node.args, *(k.value for k in node.keywords)]
            if len(given) <= MOST_ARGUMENTS and all(_is_literal(value) for value in given):
                arguments = [*map(ast.unparse, node.args), *(f"{k.arg}={ast.unparse(k.value)}" for k in node.keywords)]
                yield f"{IT}.{node.func.attr}({', '.join(arguments)})"


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def steps_into(function: Function, words: Vocabulary, most: int, choice: random.Random) -> list[Edit]:
    """At most `most` steps, each before a call that leads to the change, or the first or last assertion.

    Nothing says that they are valid where they are put.
    """
    asserting = [s for s in function.body[1:] if _asserts(s)]
    objects = objects_of(function)
    leading = [s for s in function.body[1:] if _calls(s, words.probes) and s not in asserting]
    places = leading[:2] + (asserting[:1] + asserting[-1:])[: len(asserting)]
    every = list(product(places, (*objects, *_inside(objects, words)), words.steps))
    return [
        Edit(place, ast.Module([_statement(text, receiver), place], []), typed=False)
        for place, receiver, text in choice.sample(every, min(most, len(every)))
    ]


def _inside(objects: Sequence[str], words: Vocabulary) -> list[str]:
    """What mappings hold, where the change has to do with items."""
    if not any("item__(" in text for text in words.steps):
        return []
    return [text.replace(IT, one) for one in objects for text in INSIDE]


def _statement(text: str, receiver: str) -> ast.stmt:
    return ast.parse(text.replace(IT, receiver)).body[0]


def _calls(statement: ast.stmt, names: Sequence[str]) -> bool:
    functions = (node.func for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any((f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "")) in names for f in functions)


def _asserts(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assert):
        return True
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr.startswith("assert")
