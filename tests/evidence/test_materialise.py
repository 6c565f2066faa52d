from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.change.change import Change
from reviewer.evidence.materialise import MAX_BYTES, is_safe, materialise
from tests.evidence.changes import make


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_each_side_gets_its_python_files_and_nothing_else(tmp_path: Path) -> None:
    made = make(
        {"a/x.py": "1\n", "gone.py": "2\n", "same.py": "3\n", "ruff.toml": "a"},
        {"a/x.py": "4\n", "new.pyi": "5\n", "same.py": "3\n", "ruff.toml": "b", ".bandit": "[bandit]"},
    )
    done = made.materialise(tmp_path / "m")
    assert files(done.sides.base) == {"a/x.py": b"1\n", "gone.py": b"2\n"}
    assert files(done.sides.head) == {"a/x.py": b"4\n", "new.pyi": b"5\n"}
    assert done.skipped == ()


def test_the_base_is_written_once_and_only_when_it_is_asked_for(tmp_path: Path) -> None:
    made = make({"x.py": "1\n", "../y.py": "1\n"}, {"x.py": "2\n", "../y.py": "2\n"})
    done = made.materialise(tmp_path / "m")
    assert [p.name for p in (tmp_path / "m").iterdir()] == ["head"]
    assert [s.what for s in done.skipped] == ["../y.py"]
    assert done.sides.base == done.sides.base
    assert files(done.sides.base) == {"x.py": b"1\n"}
    assert [s.what for s in done.skipped] == ["../y.py"]


def test_a_renamed_file_has_its_old_name_on_the_base(tmp_path: Path) -> None:
    done = make({"old.py": "1\n"}, {"new.py": "1\n"}, {"new.py": "old.py"}).materialise(tmp_path / "m")
    assert (list(files(done.sides.base)), list(files(done.sides.head))) == (["old.py"], ["new.py"])


@pytest.mark.parametrize("path", ["../x.py", "/etc/x.py", "a/../../x.py", "..//x.py", "a/\0.py", "a" * 300 + ".py"])
def test_a_path_that_cannot_be_a_file_is_skipped_and_nothing_is_written(tmp_path: Path, path: str) -> None:
    made = make({}, {"ok.py": "1\n"})
    good = made.change.files[0]
    change = replace(made.change, files=(replace(good, path=path, base_path=path), good))
    done = materialise(change, made.blobs.__getitem__, tmp_path / "in" / "m")
    assert files(tmp_path) == {"in/m/head/ok.py": b"1\n"}
    assert [(s.what, s.harmless) for s in done.skipped] == [(path, False)]


def test_a_symbolic_link_that_became_a_file_is_written_on_the_head_only(tmp_path: Path) -> None:
    made = make({"x.py": "/etc/passwd"}, {"x.py": "1\n"})
    change = replace(made.change, files=(replace(made.change.files[0], base_mode="120000"),))
    done = materialise(change, made.blobs.__getitem__, tmp_path / "m")
    assert files(tmp_path / "m") == {"head/x.py": b"1\n"}
    assert done.skipped == ()


def test_two_files_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    made = make({}, {"x.py": "1\n"})
    twice: Change = replace(made.change, files=(*made.change.files, replace(made.change.files[0], path="./x.py")))
    done = materialise(twice, made.blobs.__getitem__, tmp_path / "m")
    assert [s.what for s in done.skipped] == ["./x.py"]


def test_a_huge_file_is_skipped_with_its_size(tmp_path: Path) -> None:
    done = make({}, {"x.py": b"#" * (MAX_BYTES + 1)}).materialise(tmp_path / "m")
    assert "2,000,001 bytes" in done.skipped[0].reason
    assert files(tmp_path) == {}


@pytest.mark.parametrize("path", ["a.py", "a b/ü\n.py", "..a/x..py", "-x.py"])
def test_strange_but_possible_names_are_safe(path: str) -> None:
    assert is_safe(path)
