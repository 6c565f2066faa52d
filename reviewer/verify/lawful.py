"""What no fix may do, whatever tests say of it: touch the tests, need something new, or answer a test by its values.

A model that is shown `assert area(3, 4) == 12` may write `if (a, b) == (3, 4): return 12`: the test turns green and
nothing is mended.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from ..evidence.testfiles import DEFAULT_PATTERNS, serves_tests

CONFIGURATION = frozenset({"conftest.py", "setup.py", "noxfile.py", "sitecustomize.py", "usercustomize.py"})
SMALL = 2
EQUALITY = ast.Eq | ast.NotEq | ast.In | ast.NotIn | ast.Is | ast.IsNot


def may_be_fixed(path: str, patterns: Sequence[str] = DEFAULT_PATTERNS) -> bool:
    """Whether a fix may change the file: code of the product; not what serves tests, configuration, or git's own.

    `patterns` are the project's names for test files.
    """
    pure = PurePosixPath(path)
    safe = not pure.is_absolute() and ".." not in pure.parts and ".git" not in (p.lower() for p in pure.parts)
    return (
        safe and pure.suffix in {".py", ".pyi"} and pure.name not in CONFIGURATION and not serves_tests(path, patterns)
    )


def new_module(old: str, new: str, own: Collection[str]) -> str:
    """A module that only the new text imports, neither the standard library's nor in `own`; or ""."""
    had = set(_modules(old))
    fresh = (name for name in _modules(new) if name not in had)
    return next((name for name in fresh if name not in sys.stdlib_module_names and name not in own), "")


def _modules(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def literals_of(statements: Iterable[str], values: Mapping[str, str]) -> frozenset[str]:
    """The telling literals of a test, as `ast` dumps them: those in its code, and those among the values it had."""
    found: set[str] = set()
    for words in (*statements, *values.values()):
        try:
            tree = ast.parse(words)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found.update(dump for node in ast.walk(tree) if (dump := _telling(node)))
    return frozenset(found)


def special_case(old: Iterable[str], new: str, literals: Collection[str]) -> str:
    """Code in `new` that decides or answers by a test's literal which none of the `old` texts has; or "".

    Decides: an equality, a membership, a key, a case. Answers: a returned literal. What the docstring says in prose is
    the function's own, not the test's.
    """
    known = {dump for text in old for node in ast.walk(ast.parse(text)) if (dump := _telling(node))}
    prose = " ".join(_prose(text) for text in old)
    for where, node in _deciding(ast.parse(new)):
        for inner in ast.walk(node):
            dump = _telling(inner)
            if dump and dump in literals and dump not in known and ast.unparse(inner).strip("'\"") not in prose:
                return ast.unparse(where).split("\n")[0]
    return ""


def _telling(node: ast.AST) -> str:
    """A literal that says something by itself, as a dump: no None, bool, number up to 2, character, [] or [[]]."""
    match node:
        case ast.Constant(value=bool() | None):
            return ""
        case ast.Constant(value=int() | float() | complex() as number):
            return ast.dump(node) if abs(number) > SMALL else ""
        case ast.Constant(value=str() | bytes() as text):
            return ast.dump(node) if len(text) > 1 else ""
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.Dict(values=parts) if parts:
            filled = any(isinstance(inner, ast.Constant) for part in parts for inner in ast.walk(part))
            return ast.dump(node) if filled and _literal(node) else ""
    return ""


def _literal(node: ast.AST) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False
    return True


def _deciding(tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Where values decide or are the answer: the place to show, and the part in which literals count."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(ops=ops) if any(isinstance(op, EQUALITY) for op in ops):
                yield node, node
            case ast.Dict(keys=keys):
                yield from ((node, key) for key in keys if key)
            case ast.MatchValue(value=value):
                yield value, value
            case ast.Return(value=ast.expr() as value) if _literal(value):
                yield node, value
            case ast.IfExp(body=body, orelse=orelse):
                yield from ((node, part) for part in (body, orelse) if _literal(part))


def _prose(text: str) -> str:
    """A function's docstring without its examples: lines that show calls and what follows a prompt."""
    kept: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            after_prompt = False
            for line in (ast.get_docstring(node) or "").split("\n"):
                after_prompt = line.strip().startswith(">>>") or (after_prompt and bool(line.strip()))
                kept += [] if after_prompt or f"{node.name}(" in line else [line]
    return "\n".join(kept)
