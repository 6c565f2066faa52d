"""What is to be mended in code as it stands: a failing test, a traceback, or a finding, in the tree's own names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UsageError
from ..evidence.testfiles import is_test_module, patterns_from
from ..verify.outcome import Frame
from ..verify.standing import Standing
from ..verify.tracebacks import Told, told

SCRIPT_TEST = "test_llm_review_script.py"
SCRIPT = """import pathlib
import runpy
import sys


def test_the_script_runs_to_its_end():
    sys.argv[1:] = []
    runpy.run_path(str(pathlib.Path(__file__).parent / {path!r}), run_name="__main__")
"""
PIPE = "pytest ... 2>&1 | llm-review fix -"


@dataclass(frozen=True, slots=True)
class Asked:
    """`path` and `name` of a definition ("" for any), node ids of tests that fail, the `rule` of a finding.

    `said` is what a traceback ended with, where running a script is to show it; `extra` are files for the copy.
    """

    path: str = ""
    name: str = ""
    tests: tuple[str, ...] = ()
    rule: str = ""
    said: str = ""
    extra: Mapping[str, bytes | None] = field(default_factory=dict)


def asked_for(stand: Standing, target: str, test: str, rule: str) -> Asked:
    """From the words of the command line. Raises UsageError for a file, a definition or a test that is not there."""
    path, _, name = target.partition("::")
    place = stand.relative(Path(path)) if path else ""
    if place:
        _defined(stand, place, name)
    return Asked(place, name, (node_in(stand, test),) if test else (), rule)


def _defined(stand: Standing, path: str, name: str) -> None:
    names = [u.name for u in stand.units(path) if u.name]
    if name and not any(n == name or n.startswith(f"{name}.") for n in names):
        known = ", ".join(dict.fromkeys(names)) or "no definition"
        raise UsageError(f"{path} defines no {name}", f"it has: {known}")
    if path not in stand.product:
        raise UsageError(f"{path} is a test or configuration, which no fix may change", "name the code under test")


def node_in(stand: Standing, node_id: str) -> str:
    """A node id as seen from the repository's top. Raises UsageError when there is no such file."""
    name, mark, rest = node_id.partition("::")
    for path in _places(stand, name):
        if path in stand.files:
            return path + mark + rest
    raise UsageError(f"no such test: {node_id}", f"{name} is no Python file of the repository")


def _places(stand: Standing, name: str) -> Iterator[str]:
    """What a printed path may mean: below the current folder, or below the top, where pytest was started."""
    top = stand.repo.root.resolve()
    for place in (Path(name).absolute().resolve(), (top / name).resolve()):
        if place.is_relative_to(top):
            yield place.relative_to(top).as_posix()


def from_traceback(stand: Standing, text: str) -> Asked:
    """From what pytest or Python printed. Raises UsageError when it tells of nothing that can be run again here."""
    found = told(text)
    if found.tests:
        return Asked(tests=tuple(node_in(stand, n) for n in found.tests))
    if not found.places:
        raise UsageError("there is no traceback in the input", PIPE)
    places = [Frame(path, f.line) for f in found.places if (path := _inside(stand, f))]
    if not places:
        raise UsageError("the traceback names no file of the project", "go to its repository first")
    patterns = patterns_from(stand.configs)
    for place in places:
        if is_test_module(place.path, patterns) and (name := _test_at(stand.text(place.path), place.line)):
            return Asked(tests=(f"{place.path}::{name}",))
    return _script(places[0].path, found)


def _inside(stand: Standing, frame: Frame) -> str:
    return next((p for p in _places(stand, frame.path) if p in stand.files), "")


def _test_at(text: str, line: int) -> str:
    """The test that holds a line, as pytest names it within its file, or ""."""
    try:
        body: list[ast.stmt] = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    for node in body:
        if isinstance(node, ast.ClassDef) and node.lineno <= line <= (node.end_lineno or 0):
            inner = _function_at(node.body, line)
            return f"{node.name}::{inner}" if inner else ""
    return _function_at(body, line)


def _function_at(body: list[ast.stmt], line: int) -> str:
    functions = (n for n in body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return next((n.name for n in functions if n.lineno <= line <= (n.end_lineno or 0) and "test" in n.name), "")


def _script(path: str, found: Told) -> Asked:
    """A script that ended with a traceback: a test that runs it, as no test of the project shows the failure."""
    return Asked(
        tests=(f"{SCRIPT_TEST}::test_the_script_runs_to_its_end",),
        said=found.said,
        extra={SCRIPT_TEST: SCRIPT.format(path=path).encode()},
    )
