"""Suite `reintro`: a bug fix of a real project, taken back (seen, blind) or as it was made (control, control-seen).

Every tree starts from the commit before the fix, and of the fix only source and tests are ever laid over it: its
changelog entry and its documentation, which would tell what is wrong, are in no case.
"""

from __future__ import annotations

from .case import Case, Exam, Files, Recipe
from .project import pytest_ini
from .snapshot import Snapshot
from .workshop import Workshop

TEST_SECONDS = 15
_NO_VERSION = b'__version__ = version = "0.0.0"\n__version_tuple__ = version_tuple = (0, 0, 0)\n'
_SHOWN = "seen"
_RED = "failing_tests"


def recipe(case: Case, mode: str, workshop: Workshop) -> Recipe:
    """`seen` and `control-seen` have the fix's tests, `blind` and `control` those from before it."""
    broken, fixed = _before(case, workshop), _after(case, workshop)
    sources, tests = case.source_files, _tests(case)
    base: dict[str, bytes | None] = dict.fromkeys(case.details["version_files"], _NO_VERSION)
    if mode in ("seen", "blind"):
        base |= _take(fixed, sources + (tests if mode == "seen" else ()))
        staged = _take(broken, sources)
    else:
        staged = _take(fixed, sources + (tests if mode == "control-seen" else ()))
    return Recipe(
        base,
        staged,
        _ini(case, broken),
        start=broken,
        visible_tests=_visible(case, mode),
        failing_tests=tuple(case.details[_RED]) if mode == _SHOWN else (),
    )


def exam(case: Case, workshop: Workshop) -> Exam:
    """The tests of the fix itself."""
    files = dict(_take(_after(case, workshop), _tests(case)))
    files["pytest.ini"] = _ini(case, _before(case, workshop)).encode()
    facts = case.details
    return Exam(files, tuple(facts["run"]), tuple(facts[_RED]), tuple(facts["known_failures"]))


def _before(case: Case, workshop: Workshop) -> Snapshot:
    return workshop.snapshot(case.repo, case.details["parent"])


def _after(case: Case, workshop: Workshop) -> Snapshot:
    return workshop.snapshot(case.repo, case.details["fix_commit"])


def _tests(case: Case) -> tuple[str, ...]:
    return (*case.details["test_files"], *case.details["data_files"])


def _take(snapshot: Snapshot, paths: tuple[str, ...]) -> Files:
    return {path: snapshot.read(path) for path in paths}


def _ini(case: Case, snapshot: Snapshot) -> str:
    return pytest_ini(case.pythonpath, TEST_SECONDS, snapshot.read, lax=case.details["relax"])


def _visible(case: Case, mode: str) -> tuple[str, ...]:
    files = {node.split("::")[0] for node in case.details["run"]}
    if mode in ("blind", "control"):
        files -= set(case.details["new_test_files"])
    return tuple(sorted(files))
