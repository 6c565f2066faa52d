"""Finished reviews, kept for `llm-review show` and the next hook: one JSON file each, in the user's state folder.

Nothing is kept in the repository. Values are plain JSON, rebuilt by their declared types, so that nothing in a file can
be executed; one that cannot be read counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import os
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from . import __version__
from .errors import UsageError
from .foreign import from_json
from .review import ChangedFile, Review
from .settings import Settings

KEPT = 20
OF_BACKGROUND = '"background": true'  # as it is written; within a text the quotes would have backslashes


@dataclass(frozen=True, slots=True)
class Kept:
    """A review with what its reports need. `key` stands for version and settings; `time` is when it ended.

    `background`: nobody was there when it ended; `seen`: it was shown since.
    """

    review: Review
    sources: Mapping[str, tuple[str, ...]]
    title: str
    key: str
    time: float
    background: bool = False
    seen: bool = False
    changed: tuple[ChangedFile, ...] = ()


def key_of(settings: Settings, *more: object) -> str:
    """Equal for reviews with the same settings, but for their deadline, and the same of what else counts."""
    whole = repr((__version__, replace(settings, deadline=0.0), *more))
    return hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def folder(git_folder: Path) -> Path:
    """Where a repository's reviews are kept, `LLM_REVIEW_STATE_DIR` or in the user's state folder; made if need be.

    Raises UsageError where it cannot be made.
    """
    place = _top() / hashlib.sha256(os.fsencode(git_folder)).hexdigest()[:16]
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        hint = "name a folder that can be written: LLM_REVIEW_STATE_DIR"
        raise UsageError(f"reviews cannot be kept in {place.parent}: {error.strerror}", hint) from error
    return place


def folders() -> list[Path]:
    """The folders of all repositories of which reviews are kept."""
    top = _top()
    return sorted(place for place in top.iterdir() if place.is_dir()) if top.is_dir() else []


def _top() -> Path:
    given = os.environ.get("LLM_REVIEW_STATE_DIR")
    if given:
        return Path(given).expanduser()
    import platformdirs  # noqa: PLC0415 - not needed for --help

    return platformdirs.user_state_path("llm-review", appauthor=False)


def save(place: Path, kept: Kept) -> None:
    """Keep a review in the place of an older one of the same trees and key; the oldest of many goes. Raises OSError."""
    path = _path(place, kept.review.base, kept.review.head, kept.key)
    new = path.with_suffix(f".{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        # In one piece: json.dump writes crumb by crumb, in Python; asdict copies all of it first.
        stream.write(json.dumps(kept, default=_members))
    new.replace(path)
    for old in _files(place)[KEPT:]:
        old.unlink(missing_ok=True)


def _members(value: Any) -> dict[str, Any]:
    """A dataclass for JSON."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def load(place: Path, base: str, head: str, key: str, *, background: bool = False) -> Kept | None:
    """The review of two trees that was kept under a key, or None; with `background`, only one of the background."""
    return _read(_path(place, base, head, key), OF_BACKGROUND if background else "")


def newest(place: Path) -> Kept | None:
    """The review that ended last, or None."""
    return next(iter(every(place)), None)


def every(place: Path) -> list[Kept]:
    """All reviews, the newest first."""
    return [kept for file in _files(place) if (kept := _read(file)) is not None]


def _path(place: Path, base: str, head: str, key: str) -> Path:
    return place / f"review-{base[:20]}-{head[:20]}-{key}.json"


def _files(place: Path) -> list[Path]:
    dated = []
    for file in place.glob("review-*.json"):
        try:
            dated.append((file.stat().st_mtime_ns, file))
        except OSError:
            continue
    return [file for _, file in sorted(dated, reverse=True)]


def _read(path: Path, having: str = "") -> Kept | None:
    try:
        text = path.read_text("utf-8")
        if having not in text:
            return None
        kept: Kept = rebuilt(Kept, from_json(text))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return kept


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def rebuilt(kind: Any, value: Any) -> Any:
    """The value of a declared type out of what JSON made of it."""
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{f.name: rebuilt(hints[f.name], value[f.name]) for f in fields(kind) if f.name in value})
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return tuple(rebuilt(inner[0], one) for one in value)
    if origin is types.UnionType:
        return None if value is None else rebuilt(inner[0], value)
    if origin is Mapping:
        return {name: rebuilt(inner[1], one) for name, one in value.items()}
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value
