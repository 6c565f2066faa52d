from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.behaviour.probe import Function
from reviewer.behaviour.stage import Compared, compare_behaviour
from reviewer.finding import Finding
from reviewer.sandbox import bubblewrap
from reviewer.verify.interpreter import Interpreter, find
from reviewer.verify.runner import Bench
from reviewer.verify.touched import run_touched
from tests.verify.cases import Case, staged
from tests.verify.conftest import make_bench

Files = Mapping[str, str]


def function_of(text: str) -> Function:
    """The one function of a text."""
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.FunctionDef)
    return node


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory, lean: Path) -> Interpreter:
    found = find(tmp_path_factory.mktemp("nothing"), str(lean))
    assert isinstance(found, Interpreter), found
    return found


@pytest.fixture
def walls() -> Path:
    """The program that builds them; skipped where there are none."""
    program = bubblewrap.find()
    if program is None or bubblewrap.why_not(program):
        pytest.skip("no user namespaces here")
    return program


@pytest.fixture
def bench(walls: Path, interpreter: Interpreter, tmp_path: Path) -> Bench:
    sandbox = bubblewrap.Bubblewrap(walls, tmp_path / "repo", interpreter.prefixes)
    return make_bench(sandbox, interpreter, tmp_path)


class Stage:
    """The stage on changes of real repositories: `findings` are those of the last look, `case` is its change."""

    def __init__(self, folder: Path, python: Path) -> None:
        self._folder, self._python = folder, python
        self.case: Case | None = None
        self.compared = Compared()

    def look(
        self, base: Files, head: Mapping[str, str | None], sandbox: str = "required", tested_changes: bool = True
    ) -> list[Finding]:
        case = self.case = staged(self._folder, base, head, self._python)
        settings = replace(case.settings, sandbox=sandbox, tested_changes=tested_changes)
        workshop = run_touched(case.repo, case.change, case.units, {}, settings, case.scratch, case.draft)
        case.scratch.mkdir(exist_ok=True)
        self.compared = compare_behaviour(
            case.repo, case.change, case.units, workshop, {}, settings, case.scratch, case.draft
        )
        return [f for f in case.draft.findings if f.sources == ("behaviour",)]


@pytest.fixture
def stage(tmp_path: Path, lean: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, lean)
    yield made
    if made.case:
        made.case.repo.close()
