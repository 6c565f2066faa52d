"""Suites `cweval` (a secure and an unsafe variant of one function, with tests) and `securityeval` (insecure files).

insecure: the weakness comes in, into the secure function or as a new file. control: it goes out. repaired: the new file
without its weakness; the manifest holds the lines that take the place of weak ones, which are this project's own.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from functools import lru_cache

from .case import BenchError, Case, Exam, Recipe
from .functions import README, small_ini
from .snapshot import Snapshot
from .workshop import Workshop

CWEVAL = "benchmark/core/py"
HIDDEN = "hidden/test_all.py"
_Import = ast.Import | ast.ImportFrom


def recipe(case: Case, mode: str, workshop: Workshop) -> Recipe:
    """The two states of the one file; it is new where there is no secure variant."""
    snapshot, path = workshop.snapshot(case.repo, case.details["commit"]), case.source_files[0]
    if case.suite == "securityeval":
        code = _insecure_files(snapshot)[case.details["name"]].rstrip()
        code = (code if mode == "insecure" else _repaired(code, case.details["repair"])) + "\n"
        return Recipe({"README.md": README}, {path: code.encode()}, small_ini(case))
    states = [_secure(case, snapshot).encode(), _unsafe(case, snapshot).encode()]
    before, after = states if mode == "insecure" else reversed(states)
    return Recipe({"README.md": README, path: before}, {path: after}, small_ini(case))


def exam(case: Case, workshop: Workshop) -> Exam | None:
    """cweval: the tests of the secure function. securityeval has none."""
    if case.suite == "securityeval":
        return None
    snapshot, name = workshop.snapshot(case.repo, case.details["commit"]), case.details["name"]
    text = re.sub(rf"\b{name}_task\b", case.details["module"], snapshot.text(f"{CWEVAL}/{name}_test.py"))
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if not _tests_unsafe(node)]
    files = {HIDDEN: (ast.unparse(tree) + "\n").encode(), "pytest.ini": small_ini(case).encode()}
    return Exam(files, (HIDDEN,), tuple(case.details["hidden_failing"]))


@lru_cache(maxsize=4)
def _insecure_files(snapshot: Snapshot) -> dict[str, str]:
    rows = (json.loads(line) for line in snapshot.text("dataset.jsonl").splitlines() if line.strip())
    return {row["ID"].removesuffix(".py"): row["Insecure_code"] for row in rows}


def _repaired(code: str, repair: list[tuple[int, int, str]]) -> str:
    """The code with other lines in the place of some: the first and the last of them, and their text."""
    lines = code.split("\n")
    for first, last, text in sorted(repair, reverse=True):
        lines[first - 1 : last] = text.split("\n")
    return "\n".join(lines)


def _tests_unsafe(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test") and "unsafe" in node.name


def _module(case: Case, snapshot: Snapshot, kind: str) -> ast.Module:
    return ast.parse(snapshot.text(f"{CWEVAL}/{case.details['name']}_{kind}.py"))


def _secure(case: Case, snapshot: Snapshot) -> str:
    """The reference without its comments, which name the defence."""
    return ast.unparse(_module(case, snapshot, "task")) + "\n"


def _unsafe(case: Case, snapshot: Snapshot) -> str:
    """The variant that the tests keep as their foil, dressed as the reference, with the imports that it needs."""
    reference, foil = _module(case, snapshot, "task"), _module(case, snapshot, "test")
    model = [node for node in reference.body if isinstance(node, ast.FunctionDef)][-1]
    function = copy.deepcopy(_named(foil, case))
    function.name = model.name
    if ast.get_docstring(model) and not ast.get_docstring(function):
        function.body.insert(0, model.body[0])
    module = ast.Module([*_imports(reference, foil, function), function], [])
    return ast.unparse(ast.fix_missing_locations(module)) + "\n"


def _named(tree: ast.Module, case: Case) -> ast.FunctionDef:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == case.details["variant"]:
            return node
    raise BenchError(f"{case.id}: the data has no {case.details['variant']}")


def _imports(reference: ast.Module, foil: ast.Module, function: ast.FunctionDef) -> list[ast.stmt]:
    """The reference's imports, and of the test module's those that the function uses and the reference lacks."""
    chosen: list[ast.stmt] = [node for node in reference.body if isinstance(node, _Import)]
    known = {name for node in chosen if isinstance(node, _Import) for name in _bound(node)}
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    for node in foil.body:
        if not isinstance(node, _Import) or (
            isinstance(node, ast.ImportFrom) and (node.module or "").endswith("_task")
        ):
            continue
        if _bound(node) & used and not _bound(node) <= known:
            chosen.append(node)
            known |= _bound(node)
    return chosen


def _bound(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The names that an import binds."""
    return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
