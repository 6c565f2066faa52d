"""The values: a case of the manifest, what a suite makes of it, and the facts that a review is judged by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reviewer.errors import ReviewError

from .snapshot import Snapshot

CLEAN_MODES = ("control", "control-seen", "repaired")
Files = Mapping[str, bytes | None]


class BenchError(ReviewError):
    """A case could not be had, built or graded."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a defect sits in the staged version: lines and qualified function names; `any_line`: no line is known."""

    path: str
    lines: tuple[int, ...]
    functions: tuple[str, ...]
    any_line: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the manifest: what all suites share, and the whole line as `details` for its own suite."""

    id: str
    suite: str
    tier: str
    repo: str
    licence: str
    environment: str
    category: str
    cwe: str | None
    source_files: tuple[str, ...]
    pythonpath: tuple[str, ...]
    modes: tuple[str, ...]
    expected: tuple[Target, ...]
    details: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to build one mode of a case.

    `base` is written over the tree of `start` (an empty one when None) and committed together with `ini` as
    pytest.ini; `staged` is then written and staged. A file whose bytes are None is deleted.
    """

    base: Files
    staged: Files
    ini: str
    start: Snapshot | None = None
    visible_tests: tuple[str, ...] = ()
    failing_tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exam:
    """The tests that no tool sees: files to lay over a work tree, what to run, which ids must pass, which may fail."""

    files: Files
    targets: tuple[str, ...]
    must_pass: tuple[str, ...]
    known_failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth about a built case. `expected` is empty and nothing should block where the change is `clean`."""

    id: str
    suite: str
    tier: str
    mode: str
    repo: str
    python: str
    source_files: tuple[str, ...]
    expected: tuple[Target, ...]
    category: str
    cwe: str | None
    clean: bool
    failing_tests: tuple[str, ...]
    visible_tests: tuple[str, ...]
    pythonpath: tuple[str, ...]
    gradable: bool
    licence: str


@dataclass(frozen=True, slots=True)
class Grade:
    """What the exam said of a work tree. `applied` is False where the patch to be graded does not apply."""

    applied: bool
    fixed: bool
    no_regression: bool
    failures: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """All tests of the real fix pass, and nothing else that passed is broken."""
        return self.applied and self.fixed and self.no_regression


def read_manifest(path: Path) -> dict[str, Case]:
    """The cases of a manifest by id, in its order. Raises BenchError when it cannot be read."""
    try:
        cases = [_case(json.loads(line)) for line in path.read_text("utf-8").splitlines()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BenchError(f"cannot read the manifest {path}: {error!r}") from error
    return {case.id: case for case in cases}


def _case(row: dict[str, Any]) -> Case:
    return Case(
        id=row["id"],
        suite=row["suite"],
        tier=row["tier"],
        repo=row["repo"],
        licence=row["licence"],
        environment=row["venv"],
        category=row["category"],
        cwe=row["cwe"],
        source_files=tuple(row["source_files"]),
        pythonpath=tuple(row["pythonpath"]),
        modes=tuple(row["modes"]),
        expected=tuple(_target(entry) for entry in row["expected"]),
        details=row,
    )


def _target(entry: dict[str, Any]) -> Target:
    return Target(entry["path"], tuple(entry["lines"]), tuple(entry["functions"]), entry.get("any_line", False))
