"""Answers that were given before: an unchanged question costs no token, and the model is not even loaded.

One SQLite file in a folder that only the user can read, values as JSON, so that nothing in it can be executed. The key
is a hash over all that decides an answer; the questions themselves are not stored. Whatever is wrong with the file, the
review goes on without it and says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..errors import ReviewError
from ..review import ModelInfo, Skipped, Usage
from .base import OnText, Provider, Reply, Request, Sample, Token

# Raise it whenever the same request would be put to an engine in other words than before.
FORMAT = 1
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


class Cached:
    """A Provider that answers from a Store what was asked before, and asks another provider the rest.

    `identity` says which model answers, beyond doubt: a hash of its file, or an address and a name.
    """

    def __init__(self, provider: Provider, identity: str, store: Store) -> None:
        """Nothing is opened or loaded before the first request."""
        self._provider, self._identity, self._store = provider, identity, store
        self._problem: Skipped | None = None

    @property
    def info(self) -> ModelInfo:
        """What model this is; does not load it."""
        return self._provider.info

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        """Answer a request; see `Provider.complete`. A kept answer has no tokens and one hit in its usage."""
        key = key_of(self._identity, request)
        kept = self._read(key)
        if kept is not None:
            if on_text:
                on_text(kept.samples[0].text)
            return self._noted(kept)
        reply = self._provider.complete(request, on_text)
        if self._problem is None and worth_keeping(request, reply):
            self._write(key, reply)
        return self._noted(reply)

    def close(self) -> None:
        """Release the model. May be called twice."""
        self._provider.close()
        self._store.close()

    def _noted(self, reply: Reply) -> Reply:
        if self._problem is None:
            return reply
        return Reply(reply.samples, reply.usage, reply.seconds, (*reply.notes, self._problem))

    def _read(self, key: str) -> Reply | None:
        if self._problem is not None:
            return None
        begin = time.monotonic()
        with self._guarded():
            text = self._store.get(key)
            return None if text is None else _decoded(text, time.monotonic() - begin)
        return None

    def _write(self, key: str, reply: Reply) -> None:
        with self._guarded():
            self._store.put(key, _encoded(reply))

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """After the first trouble the store is left alone: waiting for a lock at every request would cost more."""
        try:
            yield
        except CacheError as error:
            said = f"{error.message} ({error.hint})" if error.hint else error.message
            self._problem = Skipped("kept answers", said, harmless=True)


def key_of(identity: str, request: Request) -> str:
    """A hash of the model and of all that decides its answer; the time it may take does not."""
    question = {name: value for name, value in asdict(request).items() if name != "timeout"}
    return hashlib.sha256(json.dumps([FORMAT, identity, question], sort_keys=True).encode()).hexdigest()


def worth_keeping(request: Request, reply: Reply) -> bool:
    """Whether a reply has an answer in every sample, each ended by the model or by the request's own limit.

    An answer that was cut earlier (the context was full, the server gave up) might be whole the next time.
    """
    cut = sum(sample.finish != "stop" for sample in reply.samples)
    whole = cut * request.max_tokens <= reply.usage.completion
    return whole and bool(reply.samples) and all(sample.text.strip() for sample in reply.samples)


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


def _encoded(reply: Reply) -> str:
    return json.dumps([asdict(sample) for sample in reply.samples])


def _decoded(text: str, seconds: float) -> Reply | None:
    """The reply, or None when that text is none."""
    try:
        samples = tuple(_sample(entry) for entry in json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return Reply(samples, Usage(hits=1), seconds) if samples else None


def _sample(entry: dict[str, Any]) -> Sample:
    tokens = tuple(
        Token(str(t["text"]), float(t["logprob"]), tuple((str(x), float(p)) for x, p in t["others"]))
        for t in entry["tokens"]
    )
    return Sample(str(entry["text"]), str(entry["finish"]), tokens)
