"""Runs tests that look (see `observe`) on one side, and reads what they saw."""

from __future__ import annotations

import ast
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..foreign import records_at
from ..verify.runner import Bench, environment_of, options_of
from .probe import Function

OBSERVER = Path(__file__).with_name("observer.py")
Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Sight:
    """One thing that a test looked at: `number` is the place in the test, `kind` is "value" or "raised".

    `text` describes the value (or names the exception); `literal` is the value as Python reads it, or "", and of an
    exception the deepest line of the project in its traceback, "path:line". `form` is what the literal is of:
    "{}" for the value itself, "repr({})" or "dict({})"; of an exception "items" where it came with an iterator's items.
    """

    number: int
    kind: str
    text: str
    literal: str
    form: str = "{}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one test saw, in order, and how it ended: `raised` is the exception that left it ("late": it was stopped).

    `path` and `line` are the deepest line of the project in that traceback.
    """

    sights: tuple[Sight, ...]
    end: str
    raised: str = ""
    path: str = ""
    line: int = 0


def look(
    bench: Bench, snapshot: Path, files: Mapping[str, str], *, timeout: float, seconds: float, hash_seed: int
) -> dict[str, Seen]:
    """Put test files into a snapshot (a copy that may be spoilt), run them, and say what each test saw, by node id.

    `seconds` is the limit of one test. Never raises for what the tests do.
    """
    for path, text in files.items():
        (snapshot / path).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / path).write_text(text, "utf-8", "surrogateescape")
    with tempfile.TemporaryDirectory(dir=bench.scratch, prefix="look-", ignore_cleanup_errors=True) as folder:
        return _run(bench, snapshot, Path(folder), tuple(files), timeout, seconds, hash_seed)


def _run(
    bench: Bench, snapshot: Path, scratch: Path, targets: Sequence[str], timeout: float, seconds: float, seed: int
) -> dict[str, Seen]:
    place, report = bench.sandbox.place(snapshot), scratch / "report.jsonl"
    arguments = [*options_of(bench.interpreter, place, scratch), "--assert=plain", "--tb=no", *targets]
    spec = {"arguments": arguments, "report": str(report), "place": str(place), "seconds": seconds}
    (scratch / "spec.json").write_text(json.dumps(spec), "utf-8")
    program = shutil.copy(OBSERVER, scratch / "observer.py")
    bench.sandbox.run(
        (str(bench.interpreter.path), str(program), str(scratch / "spec.json")),
        snapshot=snapshot,
        scratch=scratch,
        timeout=timeout,
        env=environment_of(bench.interpreter, seed),
    )
    return _read(report)


def _read(report: Path) -> dict[str, Seen]:
    """Every whole line; a test that began and never ended was running when the time was up, or ended the process."""
    found: dict[str, Seen] = {}
    running = ""
    for data in records_at(report):
        running = str(data.get("begin", ""))
        if "id" in data:
            found[str(data["id"])] = _seen(data)
    return found | ({running: Seen((), "killed", "killed")} if running else {})


def _seen(data: Mapping[str, Any]) -> Seen:
    """A test's own process wrote it: a line of another form is no sight of anything."""
    try:
        sights = tuple(Sight(int(number), *map(str, words)) for number, *words in data["seen"])
        if not data["raised"]:
            return Seen(sights, str(data["end"]))
        name, path, line = data["raised"]
        return Seen(sights, str(data["end"]), str(name), str(path), int(line))
    except (KeyError, TypeError, ValueError, OverflowError):
        return Seen((), "killed", "its report cannot be read")


def only_tests(module: str, tests: Mapping[str, Sequence[Function]]) -> str:
    """A test module with each named test ("Class.test_x") replaced by its versions, and without the other tests.

    Raises SyntaxError when the module does not parse.
    """
    tree = ast.parse(module)
    tree.body = _kept(tree.body, "", tests)
    return ast.unparse(ast.fix_missing_locations(tree))


def _kept(body: Sequence[ast.stmt], prefix: str, tests: Mapping[str, Sequence[Function]]) -> list[ast.stmt]:
    kept: list[ast.stmt] = []
    for node in body:
        name = f"{prefix}{node.name}" if isinstance(node, Definition | ast.ClassDef) else ""
        if isinstance(node, Definition) and name in tests:
            kept += tests[name]
        elif isinstance(node, ast.ClassDef):
            node.body = _kept(node.body, f"{name}.", tests) or [ast.Pass()]
            kept.append(node)
        elif not (isinstance(node, Definition) and node.name.startswith("test")):
            kept.append(node)
    return kept


def definition(module: str, name: str) -> Function | None:
    """The test "Class.test_x" of a module, or None; the same node every time, so make a copy before you change it."""
    return definitions(module).get(name)


@lru_cache(maxsize=64)
def definitions(module: str) -> Mapping[str, Function]:
    """The functions and methods of a module by their names in it."""
    try:
        return dict(_named(ast.parse(module).body, ""))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _named(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[str, Function]]:
    """Of two of one name the last counts."""
    for node in body:
        if isinstance(node, Definition):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _named(node.body, f"{prefix}{node.name}.")
