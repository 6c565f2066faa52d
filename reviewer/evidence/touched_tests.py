"""Which test files a change touches, nearest first, found without importing anything.

`ruff analyze graph` says what imports what on the head; from the changed files the walk goes to those who import them,
and the number of steps is the distance. Changed tests are nearest; tests named after a changed file come next. What the
user's own runs recorded (see `recorded`) adds tests and brings them nearer, and takes none away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ..change.change import Change, FileChange
from ..errors import ToolError
from ..review import CommandRun, Skipped
from .recorded import recorded
from .ruff import clean_environment, find_ruff
from .testfiles import DEFAULT_PATTERNS, is_test_module
from .tool import Output, run_json

Graph = Mapping[str, tuple[str, ...]]
FAR = 1_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Test files (POSIX, below the head's folder) nearest first, why each is there, what was not done, the commands."""

    targets: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()
    commands: tuple[CommandRun, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class _Reason:
    distance: int
    text: str


def select(
    change: Change, head_root: Path, patterns: Sequence[str] = DEFAULT_PATTERNS, timeout: float = 60.0
) -> Selection:
    """Find the touched tests in a folder that holds the whole head.

    `patterns` are the project's `python_files` (see `testfiles.patterns_from`). Where the graph cannot be had, names
    alone decide, and that is said; where nothing imports what changed, those that import of its package are taken.
    No test at all is a harmless Skipped.
    """
    root = head_root.resolve()
    output = _graph(change, root, timeout)
    graph, problem = _parse(output)
    tests = tuple(_tests(root, patterns))
    found: dict[str, _Reason] = {}
    for path, reason in _touched(change, root, graph, tests):
        found[path] = min(found.get(path, reason), reason)
    if all(reason.distance == 0 for reason in found.values()):
        for path, reason in _of_the_package(change, root, graph, tests):
            found.setdefault(path, reason)
    skipped = [Skipped("import graph", problem)] if problem else []
    records, unread = recorded(change, root, tests)
    skipped += unread
    for record in records:
        near = "a changed line of " if record.near else ""
        reason = _Reason(0 if record.near else 1, f"ran {near}{record.path} before, by {record.source}")
        found[record.test] = min(found.get(record.test, reason), reason)
    if not found:
        skipped.append(Skipped("tests", "no test file imports what changed, its package, or is named after it", True))
    order = sorted(found, key=lambda path: (found[path].distance, path))
    reasons = {path: found[path].text for path in order}
    return Selection(tuple(order), reasons, tuple(skipped), (output.command,) if output.command else ())


def _touched(change: Change, root: Path, graph: Graph, tests: Sequence[str]) -> Iterator[tuple[str, _Reason]]:
    present = frozenset(tests)
    for file in change.files:
        if file.path in present:
            yield file.path, _Reason(0, "it is changed itself")
        if PurePosixPath(file.path).name == "conftest.py":
            yield from ((t, _Reason(2, f"below the changed {file.path}")) for t in tests if _is_below(t, file.path))
        elif file.path.endswith(".py"):
            yield from _named_after(file, tests)
            if not file.head_blob or file.base_path != file.path:
                yield from _imports_the_gone(file, root, tests)
        elif file.head_blob:
            yield from _that_name(file, root, tests)
    for path, (distance, via) in _dependents(graph, [f.path for f in change.files]).items():
        if path in present and distance:
            steps = "imports" if distance == 1 else f"imports, in {distance} steps,"
            yield path, _Reason(distance, f"{steps} {via}")


def _of_the_package(change: Change, root: Path, graph: Graph, tests: Sequence[str]) -> Iterator[tuple[str, _Reason]]:
    """Where nothing is seen to import a changed module (a plugin, loaded by its name): who imports of its package."""
    for file in change.files:
        home = _outermost_package(root, file.path) if file.is_python and file.path not in tests else ""
        reached = _dependents(graph, [path for path in graph if path.startswith(f"{home}/")]) if home else {}
        for test in tests:
            if test in reached:
                yield test, _Reason(FAR + reached[test][0], f"imports of the package {home}")


def _outermost_package(root: Path, path: str) -> str:
    """The folder of the outermost package that a file is in, or ""."""
    found = ""
    for folder in PurePosixPath(path).parents:
        if not (root / folder / "__init__.py").is_file():
            break
        found = str(folder)
    return found if found != "." else ""


def _dependents(graph: Graph, changed: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Each file that reaches a changed one by imports, with the fewest steps and the changed file they lead to."""
    reached = {path: (0, path) for path in changed}
    queue = list(reached)
    for path in queue:
        distance, via = reached[path]
        for dependent in graph.get(path, ()):
            if dependent not in reached:
                reached[dependent] = (distance + 1, via)
                queue.append(dependent)
    return reached


def _named_after(file: FileChange, tests: Sequence[str]) -> Iterator[tuple[str, _Reason]]:
    """Tests called test_x.py, test_x_more.py or x_test.py for x.py, be it there or deleted."""
    pure = PurePosixPath(file.path)
    stem = (pure.parent.name if pure.stem == "__init__" else pure.stem).lstrip("_")
    for test in tests:
        name = PurePosixPath(test).stem
        if stem and (name in {f"test_{stem}", f"{stem}_test"} or name.startswith(f"test_{stem}_")):
            yield test, _Reason(1, f"named after {file.path}")


def _imports_the_gone(file: FileChange, root: Path, tests: Sequence[str]) -> Iterator[tuple[str, _Reason]]:
    """Tests with an import line that has the name of a module that is no longer there."""
    stem = re.escape(PurePosixPath(file.base_path).stem.encode("utf-8", "surrogateescape"))
    importing = re.compile(rb"^\s*(?:from|import)\s[^\n]*\b" + stem + rb"\b", re.MULTILINE)
    for test in tests:
        if importing.search(_read(root / test)):
            yield test, _Reason(1, f"imports {file.base_path}, which is gone")


def _that_name(file: FileChange, root: Path, tests: Sequence[str]) -> Iterator[tuple[str, _Reason]]:
    """Tests in the folder of a changed data file, or the one above, whose text has the file's name in it."""
    pure = PurePosixPath(file.path)
    near = {pure.parent, pure.parent.parent}
    for test in tests:
        if PurePosixPath(test).parent in near and pure.name.encode("utf-8", "surrogateescape") in _read(root / test):
            yield test, _Reason(1, f"names the changed {file.path}")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _is_below(path: str, conftest: str) -> bool:
    return PurePosixPath(conftest).parent in PurePosixPath(path).parents


def _tests(root: Path, patterns: Sequence[str]) -> Iterator[str]:
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root).as_posix()
        if is_test_module(relative, patterns) and path.is_file() and not path.is_symlink():
            yield relative


def _graph(change: Change, root: Path, timeout: float) -> Output:
    """Ask ruff; the configuration of the tree is not read, and every root that imports may start from is named."""
    try:
        program = find_ruff()
    except ToolError as error:
        return Output(problem=error.message)
    sources = ", ".join(f"'{source}'" for source in _import_roots(change, root) if re.fullmatch(r"[\w./ -]+", source))
    argv = (program, "analyze", "graph", "--isolated", "--quiet", "--direction", "dependents")
    settings = (f"--config=src=[{sources}]", "--config=respect-gitignore=false", "--config=exclude=[]")
    return run_json((*argv, *settings, "."), cwd=root, env=clean_environment(), timeout=timeout)


def _import_roots(change: Change, root: Path) -> tuple[str, ...]:
    """The top, src, lib, and the folder above the outermost package of each changed file."""
    roots = {".": None, "src": None, "lib": None}
    for file in change.files:
        folder = PurePosixPath(file.path).parent
        while (root / folder / "__init__.py").is_file() and folder.name:
            folder = folder.parent
        if file.path.endswith(".py"):
            roots[str(folder)] = None
    return tuple(roots)


def _parse(output: Output) -> tuple[Graph, str]:
    if output.problem:
        return {}, output.problem
    data: Any = output.data
    if not isinstance(data, dict) or not all(isinstance(value, list) for value in data.values()):
        return {}, "what ruff printed is not a map of files"
    return {str(key): tuple(map(str, value)) for key, value in data.items()}, ""
