"""The databases are made by the tables that coverage 7.17 (schema 7) and testmon 2.2 make, found by running them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from reviewer.change.change import Change, FileChange, Hunk, Status
from reviewer.evidence.recorded import Record, recorded

COVERAGE = """
CREATE TABLE file (id integer primary key, path text, unique (path));
CREATE TABLE context (id integer primary key, context text, unique (context));
CREATE TABLE line_bits (file_id integer, context_id integer, numbits blob);
CREATE TABLE arc (file_id integer, context_id integer, fromno integer, tono integer);
"""
TESTMON = """
CREATE TABLE test_execution (id INTEGER PRIMARY KEY ASC, environment_id INTEGER, test_name TEXT, duration FLOAT);
CREATE TABLE file_fp (id INTEGER PRIMARY KEY, filename TEXT, method_checksums BLOB, mtime FLOAT, fsha TEXT);
CREATE TABLE test_execution_file_fp (test_execution_id INTEGER, fingerprint_id INTEGER);
"""
TESTS = ("tests/test_a.py", "tests/deep/test_b.py", "tests/test_c.py")


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """Line 2 of pkg/mod.py is changed; `root` is the user's work tree."""
    (tmp_path / "head").mkdir()
    (tmp_path / "root").mkdir()
    file = FileChange("pkg/mod.py", "pkg/mod.py", Status.MODIFIED, "1", "2", "100644", "100644", (Hunk(2, 1, 2, 1),))
    return Change(str(tmp_path / "root"), "b", "h", (file,), "")


def fill(change: Change, name: str, schema: str, rows: dict[str, Sequence[tuple[object, ...]]]) -> Path:
    path = Path(change.root) / name
    db = sqlite3.connect(path)
    db.executescript(schema)
    for table, values in rows.items():
        for value in values:
            db.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(value))})", value)
    db.commit()
    db.close()
    return path


def seen(change: Change) -> tuple[set[tuple[str, bool]], list[str]]:
    records, skipped = recorded(change, Path(change.root).parent / "head", TESTS)
    assert all(s.harmless for s in skipped)
    assert {r.path for r in records} <= {"pkg/mod.py"}
    return {(r.test, r.near) for r in records}, [s.what for s in skipped]


def coverage(change: Change, path: str) -> Path:
    contexts = ["", "tests/test_a.py::test_x|run", "test_b.TestB.test_y", "tests/gone.py::test_z|run",
                "tests/test_c.py::test_c|setup"]  # fmt: skip
    return fill(change, ".coverage", COVERAGE, {
        "file": [(1, path), (2, "/elsewhere/pkg/mod.py")],
        "context": list(enumerate(contexts, 1)),
        "line_bits": [(1, 1, b"\x0e"), (1, 2, b"\x04"), (1, 3, b"\x08"), (1, 4, b"\x04"), (2, 5, b"\x04")],
        "arc": [],
    })  # fmt: skip


@pytest.mark.parametrize("absolute", [True, False])
def test_the_contexts_of_coverage_name_the_tests_and_their_lines(change: Change, absolute: bool) -> None:
    coverage(change, f"{change.root}/pkg/mod.py" if absolute else "pkg/mod.py")
    assert seen(change) == ({("tests/test_a.py", True), ("tests/deep/test_b.py", False)}, [])


def test_branches_count_as_lines(change: Change) -> None:
    fill(change, ".coverage", COVERAGE, {
        "file": [(1, "pkg/mod.py")],
        "context": [(1, "tests/test_a.py::test_x"), (2, "tests/test_c.py::test_x")],
        "arc": [(1, 1, 2, 3), (1, 2, -1, 1)],
    })  # fmt: skip
    assert seen(change)[0] == {("tests/test_a.py", True), ("tests/test_c.py", False)}


def test_testmon_names_the_tests_of_a_file(change: Change) -> None:
    fill(change, ".testmondata", TESTMON, {
        "test_execution": [(1, 1, "tests/test_a.py::TestA::test_x[1]", 0.1), (2, 1, "tests/test_c.py::test_y", 0.1)],
        "file_fp": [(1, "pkg/mod.py", b"", None, ""), (2, "pkg/other.py", b"", None, "")],
        "test_execution_file_fp": [(1, 1), (2, 2)],
    })  # fmt: skip
    records, _ = recorded(change, Path(change.root).parent / "head", TESTS)
    assert records == (Record("tests/test_a.py", "pkg/mod.py", False, ".testmondata"),)


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + b"\xff" * 500, b""])
def test_what_is_no_such_database_is_said(change: Change, content: bytes) -> None:
    (Path(change.root) / ".coverage").write_bytes(content)
    assert seen(change) == (set(), [".coverage"])


def test_a_database_that_keeps_sqlite_busy_for_ever_is_given_up(
    change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewer.evidence.recorded.STEPS", 100_000)
    endless = "WITH RECURSIVE n(id, path) AS (SELECT 1, 'x' UNION ALL SELECT id + 1, path FROM n) SELECT * FROM n"
    fill(change, ".coverage", f"CREATE VIEW file AS {endless};", {})
    assert seen(change) == (set(), [".coverage"])


def test_nothing_is_written_beside_it_and_a_link_or_a_file_of_the_reviewed_tree_is_not_read(
    change: Change, tmp_path: Path
) -> None:
    path = coverage(change, "pkg/mod.py")
    before = path.read_bytes()
    assert seen(change)[0]
    assert [p.name for p in path.parent.iterdir()] == [".coverage"]
    assert path.read_bytes() == before
    (tmp_path / "head/.coverage").write_bytes(b"")
    assert seen(change) == (set(), [])
    (tmp_path / "head/.coverage").unlink()
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    assert seen(change) == (set(), [])
