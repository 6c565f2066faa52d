"""Which tests ran a changed file before, by what the user's own runs left in the work tree: coverage or testmon data.

The files are read as data: never written, never trusted to say that a test is not touched, since they may be old. One
that is part of the reviewed tree is not read at all.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ..change.change import Change, FileChange
from ..review import Skipped

LARGEST = 500_000_000
STEPS = 50_000_000  # of SQLite's machine: some seconds
PHASES = ("|run", "|setup", "|teardown")


@dataclass(frozen=True, slots=True)
class Record:
    """A test file that ran `path` before; `near`: some test in it ran a line that is changed now."""

    test: str
    path: str
    near: bool
    source: str


def recorded(change: Change, head: Path, tests: Collection[str]) -> tuple[tuple[Record, ...], tuple[Skipped, ...]]:
    """What is known of the changed files; `tests` are the test files that there are, `head` has the reviewed tree."""
    records: list[Record] = []
    skipped: list[Skipped] = []
    for name, read in READERS.items():
        place = Path(change.root) / name
        if not place.is_file() or place.is_symlink() or (head / name).exists() or place.stat().st_size > LARGEST:
            continue
        try:
            records += _read(place, name, read, change, _Names(tests))
        except (sqlite3.Error, TypeError, ValueError) as error:
            skipped.append(Skipped(name, f"it cannot be read: {error}", harmless=True))
    return tuple(dict.fromkeys(records)), tuple(skipped)


class _Names:
    """Finds the test file of a test by the name that a tool gave it: a node id, or a dotted name."""

    def __init__(self, tests: Collection[str]) -> None:
        self._tests = frozenset(tests)
        self._dotted: dict[str, list[str]] = {}
        for test in tests:
            parts = PurePosixPath(test).with_suffix("").parts
            for start in range(len(parts)):
                self._dotted.setdefault(".".join(parts[start:]), []).append(test)

    def files(self, name: str) -> Sequence[str]:
        path, mark, _ = name.partition("::")
        if mark:
            return [path] if path in self._tests else []
        words = name.split(".")
        prefixes = (".".join(words[:end]) for end in range(len(words) - 1, 0, -1))
        return next((self._dotted[p] for p in prefixes if p in self._dotted), [])


Reader = Callable[[sqlite3.Connection, Mapping[str, FileChange], str], Iterator[tuple[str, str, bool]]]


def _read(place: Path, name: str, read: Reader, change: Change, names: _Names) -> Iterator[Record]:
    files = {f.base_path: f for f in change.files if f.base_blob}
    # Immutable: no lock, no journal, nothing is written beside it.
    with closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        db.execute("PRAGMA trusted_schema=OFF")
        db.execute("PRAGMA cell_size_check=ON")
        left = iter(range(STEPS // 10_000))
        db.set_progress_handler(lambda: next(left, None) is None, 10_000)
        for test, path, near in read(db, files, change.root):
            for file in names.files(test):
                yield Record(file, path, near, name)


def _coverage(db: sqlite3.Connection, files: Mapping[str, FileChange], root: str) -> Iterator[tuple[str, str, bool]]:
    """(test, changed file, near) of a `.coverage` with contexts, whether it has lines or branches."""
    for number, name in db.execute("SELECT id, path FROM file").fetchall():
        path = _relative(name, root)
        if path not in files:
            continue
        lines = _base_lines(files[path])
        query = "SELECT context, {} FROM {} JOIN context ON context.id = context_id WHERE file_id = ?"
        for context, bits in db.execute(query.format("numbits", "line_bits"), (number,)):
            if context:
                yield _test_of(context), path, _among(bits, lines)
        for context, line in db.execute(query.format("fromno", "arc"), (number,)):
            if context:
                yield _test_of(context), path, line in lines


def _testmon(db: sqlite3.Connection, files: Mapping[str, FileChange], root: str) -> Iterator[tuple[str, str, bool]]:
    query = (
        "SELECT test_name, filename FROM test_execution JOIN test_execution_file_fp ON test_execution_id"
        " = test_execution.id JOIN file_fp ON file_fp.id = fingerprint_id"
    )
    for test, name in db.execute(query):
        path = _relative(name, root)
        if path in files:
            yield test, path, False


READERS: Mapping[str, Reader] = {".coverage": _coverage, ".testmondata": _testmon}


def _test_of(context: str) -> str:
    for phase in PHASES:
        context = context.removesuffix(phase)
    return context


def _relative(name: Any, root: str) -> str:
    """A recorded path as the change names it."""
    path = os.path.normpath(str(name))
    for top in (root, os.path.realpath(root)):
        if path.startswith(top.rstrip(os.sep) + os.sep):
            path = os.path.relpath(path, top)
    return path.replace(os.sep, "/")


def _base_lines(file: FileChange) -> frozenset[int]:
    """The base's lines that changed; for an addition those on either side of it."""
    lines: set[int] = set()
    for hunk in file.hunks:
        lines.update(hunk.base_lines or (hunk.base_start, hunk.base_start + 1))
    return frozenset(lines)


def _among(bits: bytes, lines: Collection[int]) -> bool:
    """Whether one of the lines is in a set that is written as bits, line 0 first."""
    return any(line // 8 < len(bits) and bits[line // 8] >> line % 8 & 1 for line in lines)
