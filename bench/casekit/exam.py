"""Grading: the hidden tests are laid over a copy of a work tree, with a patch applied to it, and run."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reviewer.process import run

from .case import Exam, Grade
from .project import write_files
from .snapshot import try_git

PLUGIN = Path(__file__).resolve().parent / "plugin"
RUN_LIMIT = 150
_KEPT = ("PATH", "LANG", "TMPDIR")
_FIXED = {
    "LC_ALL": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONPATH": str(PLUGIN),
    "TZ": "UTC",
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?")


@dataclass(slots=True)
class Outcomes:
    """Test ids by their worst outcome, what could not be collected, and whether pytest came to its end."""

    tests: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    finished: bool = False


def grade(exam: Exam, python: Path, tree: Path, patch: str = "") -> Grade:
    """Grade a copy of a work tree, after `patch` (a unified diff against it, or "")."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch).resolve() / "work"
        ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".pytest_cache")
        shutil.copytree(tree, copy, ignore=ignored, symlinks=True)
        if patch and not _apply(patch, copy):
            return Grade(applied=False, fixed=False, no_regression=False)
        write_files(copy, exam.files)
        return _mark(exam, run_tests(python, copy, exam.targets))


def _apply(patch: str, folder: Path) -> bool:
    """Whether git could apply the patch; the ceiling keeps it from taking a repository above for its own."""
    alone = {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = try_git("apply", "--whitespace=nowarn", "-", cwd=folder, env=alone, stdin=patch.encode())
    return done.exit_code == 0


def run_tests(python: Path, folder: Path, targets: Sequence[str]) -> Outcomes:
    """Run pytest in an environment that is the same on every machine."""
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "outcomes.jsonl"
        env = {name: os.environ[name] for name in _KEPT if name in os.environ}
        env |= _FIXED | {"HOME": scratch, "CASEKIT_OUTCOMES": str(log)}
        argv = (str(python), "-m", "pytest", "-q", "-p", "casekit_outcomes", "-p", "no:cacheprovider", *targets)
        run(argv, cwd=folder, env=env, timeout=RUN_LIMIT)
        return _read(log)


def _read(log: Path) -> Outcomes:
    found = Outcomes()
    for line in log.read_text("utf-8").splitlines() if log.is_file() else ():
        entry = json.loads(line)
        if "test" in entry:
            _note(found.tests, entry)
        elif "broken" in entry:
            found.broken.append(entry["broken"])
        else:
            found.finished = True
    return found


def _note(tests: dict[str, str], entry: Mapping[str, str]) -> None:
    """Keep the worst of a test's phases, failures outside its body being errors."""
    outcome = entry["outcome"]
    if outcome == "failed" and entry["phase"] != "call":
        outcome = "error"
    if outcome in ("failed", "error") or tests.get(entry["test"], "passed") == "passed":
        tests[entry["test"]] = outcome


def _timeless(node: str) -> str:
    """A test id without a moment in it: some projects make ids of the time at which they are collected."""
    return _MOMENT.sub("MOMENT", node)


def _mark(exam: Exam, outcomes: Outcomes) -> Grade:
    tests = {_timeless(node): outcome for node, outcome in outcomes.tests.items()}
    wanted = {_timeless(node) for node in exam.must_pass}
    excused = wanted | {_timeless(node) for node in exam.known_failures}
    lost = sorted(node for node in wanted if tests.get(node) != "passed")
    others = sorted(node for node, outcome in tests.items() if outcome in ("failed", "error") and node not in excused)
    sound = outcomes.finished and not outcomes.broken
    return Grade(
        applied=True,
        fixed=bool(wanted) and not lost,
        no_regression=sound and not others,
        failures=(*lost[:10], *others[:10], *outcomes.broken[:2]),
    )
