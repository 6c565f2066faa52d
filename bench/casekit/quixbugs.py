"""QuixBugs: its programs with their description as a docstring, and its tests made to stand alone."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Collection

from .case import Case, Files
from .snapshot import Snapshot

_INDENT = " " * 4
_ROWS = "[json.loads(line) for line in Path(__file__).with_name({name!r}).read_text().splitlines()]"


def program(case: Case, snapshot: Snapshot, *, buggy: bool) -> str:
    """One of the two modules. The description stands in the buggy one alone and is the same for both."""
    name = case.details["name"]
    described = ast.parse(snapshot.text(f"python_programs/{name}.py"))
    prose = "\n\n".join(_string(node).strip() for node in described.body if _string(node))
    tree = described if buggy else ast.parse(snapshot.text(f"correct_python_programs/{name}.py"))
    tree.body = [node for node in tree.body if not _string(node)]
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    own = 1 if _string(function.body[0]) else 0
    function.body[:own] = [ast.Expr(ast.Constant(_as_docstring(prose)))]
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _string(node: ast.stmt) -> str:
    """The text of a bare string, or ""."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return node.value.value
    return ""


def _as_docstring(prose: str) -> str:
    indented = re.sub(r"(?m)^[ \t]+$", "", textwrap.indent(prose, _INDENT))
    return f"{indented.strip()}\n{_INDENT}"


def tests(case: Case, snapshot: Snapshot, path: str, *, shown: bool) -> Files:
    """The test module at `path`, with its data beside it, or with node.py in the project's top.

    What is shown is some of the data lines (by number) or of the test functions (by name); hidden is all.
    """
    name, keep = case.details["name"], case.details["visible"] if shown else None
    rows = snapshot.read(f"json_testcases/{name}.json")
    data = path.removesuffix(".py") + ".json"
    tree = ast.parse(snapshot.text(f"python_testcases/test_{name}.py"))
    alone = _StandAlone(name, data.rsplit("/", 1)[-1], keep if rows is None else None).visit(tree)
    module = (ast.unparse(ast.fix_missing_locations(alone)) + "\n").encode()
    if rows is None:
        return {path: module, "node.py": snapshot.read("python_testcases/node.py")}
    lines = enumerate(rows.decode().splitlines())
    chosen = [line for number, line in lines if line.strip() and (keep is None or number in keep)]
    return {path: module, data: "\n".join((*chosen, "")).encode()}


class _StandAlone(ast.NodeTransformer):
    """Takes out what ties a test module to its repository: the switch of programs, the loader, the slow-test option."""

    def __init__(self, name: str, data: str, keep: Collection[str] | None) -> None:
        self._name, self._data, self._keep = name, data, keep

    def visit_If(self, node: ast.If) -> ast.AST:
        if ast.unparse(node.test) == "pytest.use_correct":
            return ast.parse(f"from {self._name} import {self._name}").body[0]
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | list[ast.stmt]:
        if node.module == "load_testdata":
            return ast.parse("import json\nfrom pathlib import Path").body
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.unparse(node.func) == "load_json_testcases":
            return ast.parse(_ROWS.format(name=self._data), mode="eval").body
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return ast.Constant(value=False) if ast.unparse(node) == "pytest.run_slow" else self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        if self._keep is not None and node.name.startswith("test") and node.name not in self._keep:
            return None
        return self.generic_visit(node)
