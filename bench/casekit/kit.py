"""The door to the kit: build a case, grade a work tree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from . import fixes, functions, weaknesses
from .case import CLEAN_MODES, BenchError, Case, Exam, Facts, Grade, Recipe
from .exam import grade
from .project import lay_down
from .workshop import Workshop


class Suite(Protocol):
    """What a suite's module offers."""

    def recipe(self, case: Case, mode: str, workshop: Workshop) -> Recipe:
        """How to build the case in a mode."""

    def exam(self, case: Case, workshop: Workshop) -> Exam | None:
        """The hidden tests, or None where there are none."""


SUITES: dict[str, Suite] = {
    "reintro": fixes,
    "humanevalfix": functions,
    "quixbugs": functions,
    "cweval": weaknesses,
    "securityeval": weaknesses,
}


@dataclass(frozen=True, slots=True)
class Kit:
    """Builds and grades cases with the material of a workshop."""

    workshop: Workshop

    def build(self, case: Case, mode: str, folder: Path) -> Facts:
        """Make the repository of a case in an empty or absent folder, with the change staged.

        Raises BenchError for a mode that the case does not have, GitError where its repository lacks a commit.
        """
        if mode not in case.modes:
            raise BenchError(f"{case.id} has the modes {', '.join(case.modes)}, not {mode}")
        recipe = SUITES[case.suite].recipe(case, mode, self.workshop)
        python = self.workshop.environment(case.environment)
        lay_down(recipe, folder, python.parent.parent)
        return self._facts(case, mode, recipe, python)

    def _facts(self, case: Case, mode: str, recipe: Recipe, python: Path) -> Facts:
        clean = mode in CLEAN_MODES
        return Facts(
            id=case.id,
            suite=case.suite,
            tier=case.tier,
            mode=mode,
            repo=case.repo,
            python=str(python),
            source_files=case.source_files,
            expected=() if clean else case.expected,
            category=case.category,
            cwe=case.cwe,
            clean=clean,
            failing_tests=recipe.failing_tests,
            visible_tests=recipe.visible_tests,
            pythonpath=case.pythonpath,
            gradable=SUITES[case.suite].exam(case, self.workshop) is not None,
            licence=case.licence,
        )

    def grade(self, case: Case, folder: Path, patch: str = "") -> Grade:
        """Run the hidden tests on a copy of a work tree, after applying `patch` to the copy.

        Raises BenchError where the case has no hidden tests.
        """
        exam = SUITES[case.suite].exam(case, self.workshop)
        if exam is None:
            raise BenchError(f"the suite {case.suite} has no tests to grade by")
        return grade(exam, self.workshop.environment(case.environment), folder, patch)
