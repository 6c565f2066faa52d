"""One SQLite file of texts by key, in a folder that only the user can read, for any number of threads and processes."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import ReviewError

# Raise it whenever the same key would stand for another text than before, or the table is another one.
FORMAT = 2
SIZE_LIMIT = 64 * 1024 * 1024
BUSY_SECONDS = 2.0
FILE = "answers.sqlite"
_TABLE = "CREATE TABLE answers (key TEXT PRIMARY KEY, reply TEXT NOT NULL, size INTEGER NOT NULL, used REAL NOT NULL)"


class CacheError(ReviewError):
    """The file of answers cannot be used."""


def folder() -> Path:
    """Where answers lie: `LLM_REVIEW_CACHE_DIR`, else the user's cache folder."""
    if chosen := os.environ.get("LLM_REVIEW_CACHE_DIR"):
        return Path(chosen).expanduser()
    import platformdirs  # noqa: PLC0415

    return Path(platformdirs.user_cache_dir("llm-review", appauthor=False)) / "answers"


class Store:
    """Texts by key in one file, the least recently used dropped beyond `limit` bytes. Any number of processes."""

    def __init__(self, place: Path, limit: int = SIZE_LIMIT) -> None:
        """`place` is the folder; it is made when it is first needed."""
        self._place, self._limit = place, limit
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None

    def get(self, key: str) -> str | None:
        """The text kept under a key. Raises CacheError."""
        with self._opened() as db:
            row = db.execute("SELECT reply FROM answers WHERE key = ?", (key,)).fetchone()
            if row is not None:
                db.execute("UPDATE answers SET used = ? WHERE key = ?", (time.time(), key))
        return None if row is None else str(row[0])

    def put(self, key: str, text: str) -> None:
        """Keep a text. Raises CacheError."""
        size = len(text.encode()) + len(key)
        with self._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", (key, text, size, time.time()))
            total = db.execute("SELECT sum(size) FROM answers").fetchone()[0]
            if total > self._limit:
                self._shrink(db, total)

    def _shrink(self, db: sqlite3.Connection, total: int) -> None:
        """Down to nine tenths, so that it is not done at every answer."""
        rows = db.execute("SELECT key, size FROM answers ORDER BY used").fetchall()
        for key, size in rows:
            if total <= self._limit * 0.9:
                break
            db.execute("DELETE FROM answers WHERE key = ?", (key,))
            total -= size

    def close(self) -> None:
        """Let go of the file. May be called twice, and the store be used again."""
        with self._lock:
            if self._db is not None:
                self._db.close()
            self._db = None

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one transaction of one thread. Opened once: closing it waits for the disk."""
        path = self._place / FILE
        try:
            with self._lock:
                if self._db is None:
                    self._db = _connect(path)
                with self._db:
                    yield self._db
        except sqlite3.Error as error:
            raise CacheError(f"{path} cannot be used: {error}", "delete it if this stays") from error
        except OSError as error:
            raise CacheError(f"{self._place} cannot be used: {error.strerror}", "set LLM_REVIEW_CACHE_DIR") from error


def _connect(path: Path) -> sqlite3.Connection:
    _private(path.parent)
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _private(place: Path) -> None:
    """The folder, readable by its owner alone. Raises CacheError when it belongs to someone else."""
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = place.stat()
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        raise CacheError(f"{place} belongs to another user", "set LLM_REVIEW_CACHE_DIR to a folder of your own")
    if stat.S_IMODE(status.st_mode) & 0o077:
        place.chmod(0o700)


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    """Make the table, unless it is there; two processes may do so at once."""
    # Readers and writers do not wait for each other, nor any for the disk: what a power cut loses is asked again.
    db.execute("PRAGMA synchronous = NORMAL")
    if _version(db, path) == FORMAT:
        return
    with contextlib.suppress(sqlite3.OperationalError):  # another process is about to do the same
        db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    if _version(db, path) != FORMAT:
        db.execute("DROP TABLE IF EXISTS answers")
        db.execute(_TABLE)
        db.execute("CREATE INDEX answers_used ON answers (used)")
        db.execute(f"PRAGMA user_version = {FORMAT}")
    db.commit()


def _version(db: sqlite3.Connection, path: Path) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > FORMAT:
        raise CacheError(f"{path} was written by a newer llm-review", "update this one, or delete the file")
    return version
