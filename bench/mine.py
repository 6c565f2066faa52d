"""Make benchmark cases of any project's own bug fixes: commits that call themselves a fix, and change code and tests.

    python bench/mine.py pypa/packaging pretend --most 8 --out bench/out/mined
    python bench/quality.py --manifest bench/out/mined/cases.jsonl --label mined -- --no-llm

The words after the repository are packages that its tests need beside pytest. A case is kept where the fix's tests pass
with the fix and some of them fail without it. It has the modes of `reintro`; blind and control only where the tests
from before the fix say the same with and without it. The project's tests run without a sandbox.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casekit import Workshop
from casekit.case import Files
from casekit.exam import Outcomes, run_tests
from casekit.project import pytest_ini, write_files
from casekit.snapshot import Snapshot, git

from reviewer.change.diff import parsed
from reviewer.errors import ExitCode, ReviewError
from reviewer.evidence.testfiles import serves_tests

SAYS_FIX = re.compile(r"\b(?:fix(?:es|ed)?|bug|crash|regression|wrong|incorrect)\b", re.IGNORECASE)
NO_CODE = re.compile(r"(?:^|/)(?:setup|conf|noxfile|_?version|__about__)\.py$|^(?:docs?|examples?|tasks|benchmarks?)/")
COMMITS, SOURCES, LINES, SECONDS = 3_000, 3, 60, 15
TESTED = ("pytest", "pytest-timeout")


@dataclass(frozen=True, slots=True)
class Fix:
    """A commit, its parent, and the files that it changes."""

    repo: str
    commit: str
    parent: str
    date: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    data: tuple[str, ...]
    new_tests: tuple[str, ...]


def main(argv: Sequence[str]) -> int:
    """Find fixes, try each, and write those that are sound."""
    options = _parser().parse_args(argv)
    name = options.repo.partition("/")[2]
    options.out.mkdir(parents=True, exist_ok=True)
    pins, manifest = options.out / "packages.json", options.out / "cases.jsonl"
    known = json.loads(pins.read_text("utf-8")) if pins.is_file() else {}
    known[name] = {"project": None, "packages": [*TESTED, *options.packages]}
    pins.write_text(json.dumps(known, indent=1), "utf-8")
    workshop = Workshop.from_environment(pins, options.mirrors)
    kept = 0
    try:
        for fix in fixes(workshop, options.repo):
            if kept < options.most and (row := tried(workshop, fix)):
                kept += 1
                print(f"{row['id']}: {', '.join(row['modes'])}", file=sys.stderr)
                with manifest.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(row) + "\n")
    except ReviewError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return error.exit_code
    return ExitCode.OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repo", metavar="OWNER/NAME")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help="what its tests need")
    parser.add_argument("--most", type=int, default=8, help="at most so many cases (default 8)")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "out" / "mined", help="where cases go")
    parser.add_argument("--mirrors", type=Path, help="folder of git mirrors (default BENCH_MIRRORS, else clones)")
    return parser


def fixes(workshop: Workshop, repo: str) -> Iterator[Fix]:
    """The commits that may be a fix of code with a test, the newest first."""
    where = f"--git-dir={workshop.snapshot(repo, 'HEAD').git_dir}"
    log = git(where, "log", "--no-merges", f"-n{COMMITS}", "--format=%H%x09%P%x09%cs%x09%s", "HEAD")
    for line in log.decode("utf-8", "replace").splitlines():
        commit, parent, date, subject = line.split("\t", 3)
        if SAYS_FIX.search(subject) and parent and (found := _fix(where, repo, commit, parent, date)):
            yield found


def _fix(where: str, repo: str, commit: str, parent: str, date: str) -> Fix | None:
    listed = git(where, "diff-tree", "-r", "--no-renames", "--numstat", "--name-status", "-z", parent, commit)
    fields = listed.decode("utf-8", "surrogateescape").split("\0")[:-1]
    status = dict(zip(fields[1::2], fields[0::2], strict=True))
    of_tests = [path for path in status if serves_tests(path) or path.startswith(("tests/", "test/"))]
    tests = tuple(p for p in of_tests if p.endswith(".py") and status[p] != "D")
    sources = tuple(p for p in status if p.endswith(".py") and p not in of_tests and not NO_CODE.search(p))
    if not tests or not 0 < len(sources) <= SOURCES or any(status[p] != "M" for p in sources):
        return None
    data = tuple(p for p in of_tests if not p.endswith(".py"))
    return Fix(repo, commit, parent, date, sources, tests, data, tuple(p for p in tests if status[p] == "A"))


def tried(workshop: Workshop, fix: Fix) -> dict[str, Any] | None:
    """The manifest's row of a fix, or None where it is no case."""
    name = fix.repo.partition("/")[2]
    old, new = (workshop.snapshot(fix.repo, commit) for commit in (fix.parent, fix.commit))
    expected, changed, tier = [], 0, "B"
    for path in fix.sources:
        lines, count, there = _changed_lines(old, fix, path)
        changed, tier = changed + count, "A" if there else tier
        try:
            expected.append({"path": path, "lines": lines, "functions": _functions(old.read(path) or b"", lines)})
        except SyntaxError:
            return None  # of a Python that is gone
    if not 0 < changed <= LINES or not _runnable(fix.tests):
        return None
    pythonpath = [folder for folder in ("src", ".") if folder == "." or _has(old, folder)]
    with tempfile.TemporaryDirectory() as scratch:
        said = _said(workshop.environment(name), Path(scratch).resolve(), fix, old, new, pythonpath)
    if said is None:
        return None
    failing, known, contradict = said
    return {
        "id": f"{name}-{fix.commit[:10]}", "suite": "reintro", "tier": tier,
        "repo": fix.repo, "licence": "see the repository", "venv": name, "fix_commit": fix.commit, "parent": fix.parent,
        "date": fix.date, "source_files": fix.sources, "test_files": fix.tests, "data_files": fix.data,
        "new_test_files": fix.new_tests, "version_files": [], "run": _runnable(fix.tests), "failing_tests": failing,
        "known_failures": known, "pythonpath": pythonpath, "relax": True, "expected": expected, "category": "bug",
        "cwe": None, "changed_lines": changed,
        "modes": ["seen", *([] if contradict else ["blind", "control"]), "control-seen"],
    }  # fmt: skip


def _has(snapshot: Snapshot, folder: str) -> bool:
    return bool(git(f"--git-dir={snapshot.git_dir}", "ls-tree", snapshot.commit, folder))


def _changed_lines(old: Snapshot, fix: Fix, path: str) -> tuple[list[int], int, bool]:
    """The lines of the defect before the fix, how many lines the fix changes, and whether any line is there before."""
    where = f"--git-dir={old.git_dir}"
    text = git(where, "diff", "-U0", "--no-color", "--no-renames", fix.commit, fix.parent, "--", path)
    named = [b"diff --git a/0 b/0", *(line for line in text.split(b"\n") if line.startswith(b"@@"))]
    hunks = parsed(named).get(0, [])
    count = sum(h.base_count + h.head_count for h in hunks)
    # Where lines are missing, the defect is between two.
    return (
        sorted({n for h in hunks for n in h.head_lines or (h.head_start, h.head_start + 1)}),
        count,
        any(h.head_count for h in hunks),
    )


def _functions(source: bytes, lines: Sequence[int]) -> list[str]:
    """The qualified names of the innermost functions that the lines are in."""
    found: dict[int, str] = {}

    def visit(node: ast.AST, scope: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = f"{scope}{child.name}"
                if not isinstance(child, ast.ClassDef):
                    found.update(dict.fromkeys(range(child.lineno, (child.end_lineno or child.lineno) + 1), inner))
                visit(child, f"{inner}.")
            else:
                visit(child, scope)

    visit(ast.parse(source), "")
    return sorted({found[line] for line in lines if line in found})


def _said(
    python: Path, folder: Path, fix: Fix, old: Snapshot, new: Snapshot, pythonpath: Sequence[str]
) -> tuple[list[str], list[str], bool] | None:
    """The tests that fail without the fix, those that fail with it too, and whether the old tests notice the fix."""
    old.check_out(folder)
    write_files(folder, {"pytest.ini": pytest_ini(pythonpath, SECONDS, old.read, lax=True).encode()})
    fixed, broken = ({path: side.read(path) for path in fix.sources} for side in (new, old))
    theirs = (*fix.tests, *fix.data)

    def run(sources: Files, side: Snapshot, targets: Sequence[str]) -> Outcomes:
        write_files(folder, {**sources, **{path: side.read(path) for path in theirs}})
        return run_tests(python, folder, targets) if targets else Outcomes()

    right = run(fixed, new, _runnable(fix.tests))
    if not right.finished or right.broken:
        return None
    wrong = run(broken, new, _runnable(fix.tests))
    failing = sorted(t for t, how in right.tests.items() if how == "passed" and wrong.tests.get(t) != "passed")
    if not failing:
        return None
    known = sorted(t for t, how in right.tests.items() if how in {"failed", "error"})
    before = _runnable([path for path in fix.tests if path not in fix.new_tests])
    return failing, known, run(broken, old, before).tests != run(fixed, old, before).tests


def _runnable(tests: Sequence[str]) -> list[str]:
    return [path for path in tests if Path(path).name not in {"conftest.py", "__init__.py"}]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
