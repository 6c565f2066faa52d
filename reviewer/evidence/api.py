"""Public names that a change takes away or calls differently, and the callers in the repository that break.

griffe reads both versions of each changed module as text: nothing is imported or executed. A caller that breaks is the
finding that matters; where none is in the repository, the names are a single note for each module.

| severity | what |
| --- | --- |
| error | an import of a name that is gone; a call that the new signature refuses and the old one took |
| note | public names that are gone or called differently, and nobody here uses them so |
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..change.change import Change, FileChange, Unit, UnitKind
from ..change.git import Repository
from ..finding import Category, Finding, Location, Proof, Severity
from ..review import Skipped
from .base import Evidence
from .callers import Caller, Target, callers
from .remarks import enclosing
from .testfiles import DEFAULT_PATTERNS, serves_tests

if TYPE_CHECKING:
    from griffe import Breakage, Object

MOST = 30
LONGEST, WIDEST = 1_000_000, 2_000
PARAMETERS = {
    "PARAMETER_REMOVED": "is gone",
    "PARAMETER_ADDED_REQUIRED": "is new and required",
    "PARAMETER_CHANGED_REQUIRED": "is required now",
    "PARAMETER_MOVED": "has another place",
    "PARAMETER_CHANGED_KIND": "is given in another way",
}
DYNAMIC = re.compile(r"^\s*from \S+ import \*|^\s*def __getattr__\(|\bglobals\(\)", re.MULTILINE)
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, KeyError, AttributeError, TypeError)
SHOWN = 5
INSIDES = frozenset({UnitKind.FUNCTION, UnitKind.METHOD})
# On one line, with nothing in it that could hold a bracket, so that the line ends the signature.
SIGNATURE = re.compile(r"\s*(?:async )?def \w+\([^()\[\]{}'\"#]*\)(?: -> [\w.]+)?:")


@dataclass(frozen=True, slots=True)
class Break:
    """A public name that changed: what of it, in words, the line on the head, and how to find those who use it."""

    name: str
    how: str
    line: int
    target: Target | None


def api_breaks(
    repo: Repository, change: Change, units: tuple[Unit, ...], patterns: Sequence[str] = DEFAULT_PATTERNS
) -> Evidence:
    """Compare the public names of each changed module, and look for callers in the whole head."""
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    insides = {unit.path for unit in units} - {unit.path for unit in units if not _is_inside(unit)}
    for file in change.files:
        if not file.is_python or not file.base_blob or serves_tests(file.base_path, patterns):
            continue
        if file.path == file.base_path and file.path in insides:
            continue
        try:
            breaks = tuple(_breaks(repo, file))
        except UNREADABLE as error:
            skipped.append(
                Skipped(f"api: {file.path}", f"its names could not be read ({error!r})"[:200], harmless=True)
            )
            continue
        findings += _findings(repo, change, file, breaks, units)
    return Evidence(tuple(findings), tuple(skipped))


def _is_inside(unit: Unit) -> bool:
    """Whether a unit is a function with the same first line on both sides, which is all of its signature: griffe sees
    nothing of what else changed in it, but for an `__init__`.
    """
    if unit.kind not in INSIDES or unit.name.endswith("__init__") or unit.base is None or unit.head is None:
        return False
    first = unit.head.text.partition("\n")[0]
    return first == unit.base.text.partition("\n")[0] and SIGNATURE.fullmatch(first) is not None


def module_of(path: str) -> str:
    """The dotted name by which a file is imported, as far as its path tells."""
    parts = list(Path(path).with_suffix("").parts)
    while parts and parts[0] in {"src", "lib", "python"}:
        parts.pop(0)
    if parts and parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def _breaks(repo: Repository, file: FileChange) -> Iterator[Break]:
    module = module_of(file.base_path)
    if not file.head_blob or module_of(file.path) != module:
        if _is_public(module):
            yield Break(module, "the module is gone or moved", 1, Target(module, removed=True, is_module=True))
        return
    if not file.hunks:
        return  # left out of the review, and that was said: griffe would take minutes over what is too large
    old, new = (repo.read(blob).decode("utf-8-sig") for blob in (file.base_blob, file.head_blob))
    if not _is_public(module) or DYNAMIC.search(new):
        return
    if max(map(len, (old, new))) > LONGEST:
        raise ValueError("it is too long")
    trees = [ast.parse(text) for text in (old, new)]
    if max(map(_widest, trees)) > WIDEST:
        raise ValueError("it has too many statements")
    if alike(*trees):
        return
    from griffe import find_breaking_changes, visit  # noqa: PLC0415 - only where a module that was there changed

    before, after = (visit(module, Path(file.path), text) for text in (old, new))
    seen: set[str] = set()
    for breakage in find_breaking_changes(before, after):
        found = _break(breakage, before, after)
        if found is not None and found.name not in seen:
            seen.add(found.name)
            yield found


def alike(one: Any, other: Any) -> bool:
    """Whether griffe sees no difference between two syntax trees: of bodies it looks into those of `__init__` alone."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if not isinstance(one, ast.AST):
        return bool(one == other)
    shut = isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name != "__init__"
    fields = (name for name in one._fields if not (shut and name == "body"))
    return all(alike(getattr(one, name, None), getattr(other, name, None)) for name in fields)


def _widest(tree: ast.Module) -> int:
    """The most statements side by side, at the top or in a class: griffe's time grows with the square of them."""
    return max(len(tree.body), *(len(node.body) for node in tree.body if isinstance(node, ast.ClassDef)), 0)


def _is_public(module: str) -> bool:
    return bool(module) and not any(part.startswith("_") and part != "__main__" for part in module.split("."))


def _break(breakage: Breakage, before: Object, after: Object) -> Break | None:
    """One of griffe's breakages, if it is of a kind that breaks a caller."""
    kind, path = breakage.kind.name, str(breakage.obj.path).removeprefix(f"{before.path}.")
    if kind == "OBJECT_REMOVED":
        name = f"{path}.{breakage.old_value.name}" if breakage.old_value.name != path.rpartition(".")[2] else path
        whole = breakage.old_value.path
        target = Target(whole, removed=True) if whole.count(".") == before.path.count(".") + 1 else None
        return None if breakage.old_value.is_alias else Break(name, "is gone", 1, target)
    if kind not in PARAMETERS:
        return None
    old, new = (_member(side, path) for side in (before, after))
    if old is None or new is None or {str(d.value) for d in new.decorators} - {"staticmethod", "classmethod"}:
        return None
    parameter = (breakage.old_value or breakage.new_value).name
    target = Target.of(new.path, old, new, before.path)
    return Break(path, f"is called differently: parameter `{parameter}` {PARAMETERS[kind]}", new.lineno or 1, target)


def _member(side: Object, path: str):  # type: ignore[no-untyped-def]
    try:
        found = side[path]
    except KeyError:
        return None
    return found if found.is_function else None


def _findings(
    repo: Repository, change: Change, file: FileChange, breaks: Sequence[Break], units: tuple[Unit, ...]
) -> Iterator[Finding]:
    unused: list[Break] = []
    for one in breaks[:MOST]:
        broken = list(callers(repo, change.head, one.target)) if one.target else []
        yield from (_broken(caller, one, units) for caller in broken)
        if not broken:
            unused.append(one)
    if unused and file.head_blob and _is_packaged(repo, change.base, file.base_path):
        yield _note(file, unused, len(breaks), units)


def _is_packaged(repo: Repository, tree: str, path: str) -> bool:
    """Whether others can import a module: scripts of docs, benchmarks and the like are nobody's API."""
    folder = path.rpartition("/")[0]
    return folder in {"", "src", "lib"} or repo.blob(tree, f"{folder}/__init__.py") is not None


def _broken(caller: Caller, one: Break, units: tuple[Unit, ...]) -> Finding:
    return Finding(
        rule_id="bug/caller-breaks",
        category=Category.BUG,
        severity=Severity.ERROR,
        proof=Proof.TOOL,
        location=Location(caller.path, caller.line, caller.line),
        quote=caller.quote,
        message=f"this breaks: `{one.name}` {one.how}",
        sources=("griffe",),
        unit=enclosing(units, caller.path, caller.line),
        confidence=0.9,
    )


def _note(file: FileChange, breaks: Iterable[Break], count: int, units: tuple[Unit, ...]) -> Finding:
    told = list(breaks)
    words = "; ".join(f"`{one.name}` {one.how}" for one in told[:SHOWN])
    more = f" and {count - SHOWN} more" if count > SHOWN else ""
    return Finding(
        rule_id="style/public-api",
        category=Category.STYLE,
        severity=Severity.NOTE,
        proof=Proof.TOOL,
        location=Location(file.path, told[0].line, told[0].line),
        quote="",
        message=f"who uses this from outside must follow: {words}{more}; no caller in this repository breaks",
        sources=("griffe",),
        unit=enclosing(units, file.path, told[0].line),
    )
