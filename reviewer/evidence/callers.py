"""Who in the head uses a name in a way that no longer works. By syntax alone; what cannot be told is left alone."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..change.git import Repository
from ..nodes import walk
from .remarks import split_lines

if TYPE_CHECKING:
    from griffe import Function

MOST_FILES = 200
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameters as a call sees them: names by position, how many of them must be given, and the others."""

    positional: tuple[str, ...]
    only_positional: int
    required: frozenset[str]
    keyword: frozenset[str]
    more_positional: bool
    more_keywords: bool

    @classmethod
    def of(cls, function: Function, bound: bool) -> Signature:
        """Of one of griffe's functions; `bound`: the first parameter is given by Python."""
        kinds = [(p.name, str(p.kind.value if p.kind else ""), p.required) for p in function.parameters]
        places = [(n, k, r) for n, k, r in kinds if k in {"positional-only", "positional or keyword"}][int(bound) :]
        words = [(n, r) for n, k, r in kinds if k == "keyword-only"]
        return cls(
            positional=tuple(n for n, _, _ in places),
            only_positional=sum(k == "positional-only" for _, k, _ in places),
            required=frozenset([*(n for n, _, r in places if r), *(n for n, r in words if r)]),
            keyword=frozenset(n for n, _ in words),
            more_positional=any(k == "variadic positional" for _, k, _ in kinds),
            more_keywords=any(k == "variadic keyword" for _, k, _ in kinds),
        )

    def takes(self, call: ast.Call) -> bool:
        """Whether a call fits; one that unpacks something may."""
        if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
            return True
        given, words = len(call.args), {k.arg for k in call.keywords if k.arg}
        by_place = set(self.positional[:given])
        by_word = set(self.positional[max(given, self.only_positional) :]) | self.keyword
        if given > len(self.positional) and not self.more_positional:
            return False
        if not words <= by_word and not self.more_keywords:
            return False
        return self.required <= by_place | words


@dataclass(frozen=True, slots=True)
class Target:
    """A name to look for: `path` is dotted; a class stands for its constructor, `method` for `self.method` in it."""

    path: str
    old: Signature | None = None
    new: Signature | None = None
    method: str = ""
    removed: bool = False
    is_module: bool = False

    @classmethod
    def of(cls, path: str, old: Function, new: Function, module: str) -> Target | None:
        """The target of a changed function, constructor or method; None for what is nested deeper."""
        depth = path.count(".") - module.count(".")
        static = any(str(d.value) == "staticmethod" for d in new.decorators)
        if depth == 1:
            return cls(path, Signature.of(old, False), Signature.of(new, False))
        if depth != 2:
            return None
        owner, _, name = path.rpartition(".")
        signatures = (Signature.of(old, not static), Signature.of(new, not static))
        return cls(owner, *signatures, method="" if name == "__init__" else name)

    @property
    def word(self) -> str:
        """What a file must contain to be looked at."""
        return self.method or self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Caller:
    """A line that breaks."""

    path: str
    line: int
    quote: str


def callers(repo: Repository, tree: str, target: Target) -> Iterator[Caller]:
    """The lines of a tree that use the target in a way that no longer works."""
    answer = repo.run("grep", "-l", "-z", "-w", "-F", "-e", target.word, tree, "--", "*.py", accept=(0, 1))
    names = answer.out.decode("utf-8", "surrogateescape").split("\0")
    paths = [name.partition(":")[2] for name in names if ":" in name][:MOST_FILES]
    for path, blob in repo.blobs(tree, paths).items():
        text = repo.read(blob).decode("utf-8", "replace")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        lines = split_lines(text)
        for line in sorted(set(_lines(module, path, target))):
            yield Caller(path, line, lines[line - 1].strip())


def _lines(module: ast.Module, path: str, target: Target) -> Iterator[int]:
    if target.method:
        yield from _own_calls(module, path, target)
        return
    guarded = {id(inner) for node in walk(module) if isinstance(node, ast.Try | ast.If) for inner in walk(node)}
    if target.removed:
        imports = (n for n in walk(module) if isinstance(n, ast.Import | ast.ImportFrom) and id(n) not in guarded)
        yield from (node.lineno for node in imports if _imports(node, path, target))
        return
    names = _names(module, path)
    for node in walk(module):
        if isinstance(node, ast.Call) and _dotted(node.func, names) == target.path and id(node) not in guarded:
            yield from _refused(node, target)


def _refused(call: ast.Call, target: Target) -> Iterator[int]:
    if target.old and target.new and target.old.takes(call) and not target.new.takes(call):
        yield call.lineno


def _own_calls(module: ast.Module, path: str, target: Target) -> Iterator[int]:
    """Calls of a method on `self` in the class that defines it."""
    owner = target.path.rpartition(".")[2]
    if _package(path, is_module=True) != target.path.rpartition(".")[0]:
        return
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name == owner:
            for call in (n for n in walk(node) if isinstance(n, ast.Call)):
                if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == f"self.{target.method}":
                    yield from _refused(call, target)


def _imports(node: ast.Import | ast.ImportFrom, path: str, target: Target) -> bool:
    """Whether a statement imports what is gone."""
    if isinstance(node, ast.Import):
        return target.is_module and any(f"{a.name}.".startswith(f"{target.path}.") for a in node.names)
    source = _source(node, path)
    if target.is_module and f"{source}.".startswith(f"{target.path}."):
        return True
    return any(f"{source}.{alias.name}" == target.path for alias in node.names)


def _source(node: ast.ImportFrom, path: str) -> str:
    """The dotted name of the module that a statement imports from."""
    if not node.level:
        return node.module or ""
    parts = _package(path).split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _package(path: str, is_module: bool = False) -> str:
    """The package of a file, or with `is_module` its own dotted name."""
    parts = path.removesuffix(".py").split("/")
    while parts and parts[0] in {"src", "lib", "python"}:
        parts.pop(0)
    if parts and parts[-1] == "__init__":
        return ".".join(parts[:-1])
    return ".".join(parts if is_module else parts[:-1])


def _names(module: ast.Module, path: str) -> dict[str, str]:
    """What names of a file stand for: imports, and its own top level; not those that are bound in other ways too."""
    found: dict[str, str] = {}
    bound: list[str] = []
    own = _package(path, is_module=True)
    for node in walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                found[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            source = _source(node, path)
            found |= {a.asname or a.name: f"{source}.{a.name}" for a in node.names}
            bound += [a.asname or a.name for a in node.names]
        elif isinstance(node, SCOPES):
            bound.append(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.append(node.id)
        elif isinstance(node, ast.arg):
            bound.append(node.arg)
    top = {n.name: f"{own}.{n.name}" for n in module.body if isinstance(n, SCOPES)}
    return {name: full for name, full in (top | found).items() if bound.count(name) <= 1}


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value, names)
        return f"{inner}.{node.attr}" if inner else ""
    return ""
