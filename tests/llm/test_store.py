from __future__ import annotations

import multiprocessing
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from reviewer.llm.store import FILE, CacheError, Store

pytestmark = pytest.mark.usefixtures("closed_stores")


def test_the_folder_is_the_users_alone(tmp_path: Path) -> None:
    place = tmp_path / "cache"
    place.mkdir(mode=0o755)
    Store(place).put("key", "text")
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_someone_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(CacheError, match="another user"):
        Store(tmp_path).put("key", "text")


def test_the_file_keeps_its_size_and_drops_what_was_not_used(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=10_000)
    store.put("first", "x" * 900)
    for number in range(40):
        store.put(f"key{number}", "x" * 900)
        assert store.get("first") is not None
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        assert db.execute("SELECT sum(size) FROM answers").fetchone()[0] <= 10_000
    assert store.get("key0") is None
    assert store.get("key39") is not None


def _fill(place: str, name: str) -> None:
    store = Store(Path(place))
    for number in range(20):
        store.put(f"{name}{number}", f"{name}{number}")


def test_parallel_processes_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(str(tmp_path), name)) for name in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    store = Store(tmp_path)
    assert all(store.get(f"{name}{n}") == f"{name}{n}" for name in "abc" for n in range(20))
