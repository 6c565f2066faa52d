"""What a change does as its syntax trees tell: short clauses that are so, beside what a model makes of it.

A small model likes to tell what the code does as if that were the change. What is said here was compared: one
expression in the place of another, parameters, exceptions, calls and loops that came or went, and that comments,
docstrings or annotations alone changed.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from ..change.change import Unit
from ..change.treediff import Function, Replaced, clipped, differences, parsed, quoted
from ..evidence.testfiles import is_test_module
from ..review import Explanation
from .walkthrough import LARGE

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
# Clauses for a unit, names in a clause, and replaced pieces up to which each of them is quoted.
MOST, NAMED, REPLACED = 4, 4, 3
LOOPS = {ast.For: "for", ast.AsyncFor: "async for", ast.While: "while"}
# Of these more is said by what they catch, run through or import.
SAID_BY_NAMES = (ast.Try, ast.TryStar, *LOOPS, ast.Import, ast.ImportFrom)
COMMENTS = "comments or layout alone changed: the syntax tree is the same"
DOCSTRINGS, ANNOTATIONS = "docstrings alone changed", "annotations alone changed"
BOTH = "docstrings and annotations alone changed"
# Said of code that runs as it did; annotations are read by dataclasses and the like.
ALIKE = {(COMMENTS,), (DOCSTRINGS,)}
Names = tuple[str, ...]
Node = TypeVar("Node", ast.Raise, ast.ExceptHandler, ast.Call, ast.alias)


def facts(unit: Unit) -> tuple[str, ...]:
    """Clauses without a full stop, the weightiest first; none for new or deleted code, and for what does not parse."""
    if unit.base is None or unit.head is None or not unit.path.endswith((".py", ".pyi")):
        return ()
    try:
        return tuple(_clauses(unit.base.text, unit.head.text))[:MOST]
    except UNREADABLE:
        return ()


def told_of(unit: Unit, secrets: Collection[str]) -> Explanation:
    """What is known of a unit; of code that holds a secret nothing is quoted."""
    code = "".join(span.text for span in (unit.base, unit.head) if span)
    hidden = any(secret in code for secret in secrets)
    return Explanation(unit.path, unit.name, "", () if hidden else facts(unit))


def tell(units: Sequence[Unit], secrets: Collection[str]) -> list[Explanation]:
    """What is known of a change that no model is asked about; of more than `LARGE` units nothing, of tests neither."""
    if len(units) > LARGE:
        return []
    told = (told_of(unit, secrets) for unit in units if not is_test_module(unit.path))
    return [one for one in told if one.facts]


def _clauses(base: str, head: str) -> Iterator[str]:
    if only := _only(base, head):
        yield only
        return
    old, new = (parsed(text, docstrings=False, annotations=False) for text in (base, head))
    yield from _signatures(old, new)
    pairs = list(differences(old.body, new.body))
    texts = ast.unparse(old), ast.unparse(new)
    replaced = [clause for pair in pairs if (clause := _replaced(pair, *texts))]
    if len(replaced) == len(pairs) <= REPLACED and not any(isinstance(pair.old, SAID_BY_NAMES) for pair in pairs):
        yield from replaced
        return
    for verb, names in NAMES.items():
        yield from _came_and_went(verb, names(old), names(new))
    yield from _loops(old, new)
    told = (pair for pair in pairs if not isinstance(pair.new or pair.old, SAID_BY_NAMES))
    yield from islice(filter(None, (_replaced(pair, *texts) for pair in told)), 1)


def _only(base: str, head: str) -> str:
    """What alone differs between two texts that run alike; "" where they do not."""

    def alike(**without: bool) -> bool:
        one, other = (ast.dump(parsed(text, **without)) for text in (base, head))
        return one == other

    if alike():
        return COMMENTS
    if alike(docstrings=False):
        return DOCSTRINGS
    if alike(annotations=False):
        return ANNOTATIONS
    return BOTH if alike(docstrings=False, annotations=False) else ""


def _signatures(old: ast.Module, new: ast.Module) -> Iterator[str]:
    """What changed of the signature, where the unit is one function on both sides."""
    if len(old.body) != 1 or len(new.body) != 1:
        return
    one, other = old.body[0], new.body[0]
    if not isinstance(one, Function) or not isinstance(other, Function):
        return
    before, after = _parameters(one.args), _parameters(other.args)
    yield from (f"parameter `{_with(name, after)}` is new" for name in after if name not in before)
    yield from (f"parameter `{name}` is gone" for name in before if name not in after)
    for name in before:
        if name in after and before[name] != after[name]:
            yield f"parameter `{_with(name, after)}` was `{_with(name, before)}`"
    for kind, word in ((ast.AsyncFunctionDef, "a coroutine"), (ast.Yield | ast.YieldFrom, "a generator")):
        was, is_ = (any(isinstance(node, kind) for node in ast.walk(side)) for side in (one, other))
        if was != is_:
            yield f"is {word} now" if is_ else f"is not {word} any more"


def _parameters(arguments: ast.arguments) -> dict[str, str]:
    """The names of parameters, and the text of their defaults, "" without one."""
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + arguments.defaults
    every = zip([*plain, *arguments.kwonlyargs], [*defaults, *arguments.kw_defaults], strict=True)
    starred = [("*" * stars + one.arg) for stars, one in ((1, arguments.vararg), (2, arguments.kwarg)) if one]
    return {one.arg: ast.unparse(value) if value else "" for one, value in every} | dict.fromkeys(starred, "")


def _with(name: str, parameters: dict[str, str]) -> str:
    return f"{name}={parameters[name]}" if parameters[name] else name


def _raised(tree: ast.AST) -> Names:
    raised = (n.exc for n in _nodes(tree, ast.Raise) if n.exc)
    return tuple(quoted(one.func if isinstance(one, ast.Call) else one) for one in raised)


def _caught(tree: ast.AST) -> Names:
    caught = (n.type for n in _nodes(tree, ast.ExceptHandler) if n.type)
    return tuple(quoted(name) for one in caught for name in (one.elts if isinstance(one, ast.Tuple) else [one]))


def _called(tree: ast.AST) -> Names:
    """What is called and not raised; of a long chain the end."""
    raised = [node.exc for node in _nodes(tree, ast.Raise)]
    functions = (n.func for n in _nodes(tree, ast.Call) if n not in raised)
    return tuple(f.attr if isinstance(f, ast.Attribute) and "(" in ast.unparse(f) else quoted(f) for f in functions)


def _defined(tree: ast.AST) -> Names:
    """What the unit itself defines, of a function nothing."""
    targets = (t for n in getattr(tree, "body", ()) if isinstance(n, ast.Assign) for t in n.targets)
    return tuple(quoted(target) for target in targets)


def _imported(tree: ast.AST) -> Names:
    return tuple(alias.asname or alias.name for alias in _nodes(tree, ast.alias))


def _nodes(tree: ast.AST, kind: type[Node]) -> list[Node]:
    """In the order of the lines."""
    found = [node for node in ast.walk(tree) if isinstance(node, kind)]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


NAMES = {"raises": _raised, "catches": _caught, "defines": _defined, "imports": _imported, "calls": _called}


def _came_and_went(verb: str, old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    before, after = (list(dict.fromkeys(filter(None, side))) for side in (old, new))
    if come := [name for name in after if name not in before]:
        yield f"{verb} {_listed(come)}"
    if gone := [name for name in before if name not in after]:
        yield f"no longer {verb} {_listed(gone)}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(f"`{name}`" for name in names[:NAMED]) + more


def _loops(old: ast.AST, new: ast.AST) -> Iterator[str]:
    for kind, word in LOOPS.items():
        before, after = (sum(isinstance(node, kind) for node in ast.walk(side)) for side in (old, new))
        if before != after:
            yield f"a `{word}` loop {'more' if after > before else 'less'}"


def _replaced(pair: Replaced, base: str, head: str) -> str:
    """What stands where; "" where it cannot be quoted, or has only moved."""
    inside = f" in `{pair.inside}`" if pair.inside else ""
    if pair.old is not None and pair.new is not None:
        old, new = clipped(pair.old), clipped(pair.new)
        return f"`{new}`{inside} where `{old}` was" if old and new and old != new else ""
    old, new = (quoted(node) if node else "" for node in (pair.old, pair.new))
    if new and new not in base:
        return f"`{new}` is new{inside}"
    return f"`{old}` is gone{inside}" if old and old not in head else ""
