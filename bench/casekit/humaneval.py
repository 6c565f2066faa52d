"""HumanEvalFix: the rows of the octopack repository made into modules and pytest files."""

from __future__ import annotations

import ast
import json
from functools import lru_cache
from typing import Any

from .case import BenchError, Case, Files
from .snapshot import Snapshot

DATA = "evaluation/create/humaneval-x/data/python/data/humanevalpack.jsonl"


@lru_cache(maxsize=4)
def _rows(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    rows = (json.loads(line) for line in snapshot.text(DATA).splitlines())
    return {row["task_id"]: row for row in rows}


def program(case: Case, snapshot: Snapshot, *, buggy: bool) -> str:
    """The module: its prompt with the docstring, then one of the two bodies."""
    row = _rows(snapshot)[case.details["name"]]
    prompt: str = row["prompt"]
    body: str = row["buggy_solution" if buggy else "canonical_solution"]
    return prompt + body.rstrip("\n") + "\n"


def tests(case: Case, snapshot: Snapshot, path: str, *, shown: bool) -> Files:
    """The data's `check(candidate)` as a test function of its own.

    What is shown is the docstring's examples, or the numbered statements of the full check; hidden is all of it.
    """
    wanted = case.details["visible"] if shown else None
    column, numbers = ("example_test", None) if wanted == "example" else ("test", wanted)
    tree = ast.parse(_rows(snapshot)[case.details["name"]][column])
    tree.body = [node for node in tree.body if not _is_call(node)]
    entry = case.details["function"]
    _make_test(_check(tree, case), entry, numbers)
    names = _functions(program(case, snapshot, buggy=False)) & _names(tree) | {entry}
    head = f"from {case.details['module']} import {', '.join(sorted(names))}\n\n\n"
    return {path: (head + ast.unparse(ast.fix_missing_locations(tree)).strip() + "\n").encode()}


def _check(tree: ast.Module, case: Case) -> ast.FunctionDef:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "check":
            return node
    raise BenchError(f"{case.id}: the data has no check function")


def _make_test(check: ast.FunctionDef, entry: str, numbers: list[int] | None) -> None:
    """Turn `check(candidate)` into `test_<entry>()`, with the statements of those numbers (all when None)."""
    candidate = check.args.args[0].arg
    kept = [node for number, node in enumerate(check.body) if numbers is None or number in numbers]
    alias = ast.parse(f"{candidate} = {entry}").body if candidate != entry else []
    check.name = f"test_{entry}"
    check.args.args.clear()
    check.body = [*alias, *kept] or [ast.Pass()]


def _is_call(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def _names(tree: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _functions(source: str) -> set[str]:
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
