from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.verify.inplace import replaced


def test_files_are_changed_made_and_removed_and_all_is_put_back(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"2")

    def state() -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    def broken() -> None:
        with replaced(tmp_path, {"a": b"x", "b": None, "new/c": b"3"}):
            assert state() == {"a": b"x", "c": b"3"}
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert state() == {"a": b"1", "b": b"2"}


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "a").write_bytes(b"1")
    (root / "link").symlink_to(outside)
    with replaced(root, {"link/a": b"x", "link/new": b"x", "link": None}):
        assert [p.name for p in outside.iterdir()] == ["a"]
        assert (outside / "a").read_bytes() == b"1"
    assert (root / "link").is_symlink()
