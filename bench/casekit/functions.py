"""Suites `humanevalfix` and `quixbugs`: one small function with one bug.

fix: the buggy module arrives in an empty project, with a test that fails. blind: the bug comes into the right
function, no tests. control: the bug goes out of it, no tests.
"""

from __future__ import annotations

from . import humaneval, quixbugs
from .case import Case, Exam, Files, Recipe
from .project import pytest_ini
from .workshop import Workshop

README = b"# Functions\n\nSmall functions, one module each. Run the tests with `python -m pytest`.\n"
BUG_SECONDS, SECURITY_SECONDS = 5, 30
_SOURCES = {"humanevalfix": humaneval, "quixbugs": quixbugs}


def small_ini(case: Case) -> str:
    """The pytest.ini of a project with one module."""
    return pytest_ini((".",), BUG_SECONDS if case.category == "bug" else SECURITY_SECONDS)


def recipe(case: Case, mode: str, workshop: Workshop) -> Recipe:
    """The module in its two states, and in mode `fix` the tests that come with it."""
    source, snapshot = _SOURCES[case.suite], workshop.snapshot(case.repo, case.details["commit"])
    path, ini = case.source_files[0], small_ini(case)
    buggy, right = (source.program(case, snapshot, buggy=state).encode() for state in (True, False))
    if mode != "fix":
        before, after = (right, buggy) if mode == "blind" else (buggy, right)
        return Recipe({"README.md": README, path: before}, {path: after}, ini)
    tests = dict(source.tests(case, snapshot, f"tests/test_{case.details['module']}.py", shown=True))
    helpers: Files = {name: tests.pop(name) for name in list(tests) if not name.startswith("tests/")}
    return Recipe(
        {"README.md": README, **helpers},
        {path: buggy, **tests},
        ini,
        visible_tests=(f"tests/test_{case.details['module']}.py",),
        failing_tests=tuple(case.details.get("visible_failing", ())),
    )


def exam(case: Case, workshop: Workshop) -> Exam:
    """Every test that the data set has."""
    source, snapshot = _SOURCES[case.suite], workshop.snapshot(case.repo, case.details["commit"])
    path = f"hidden/test_all_of_{case.details['module']}.py"
    files = {**source.tests(case, snapshot, path, shown=False), "pytest.ini": small_ini(case).encode()}
    return Exam(files, (path,), tuple(case.details["hidden_failing"]))
