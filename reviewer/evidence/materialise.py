"""Writes the changed Python files of each side into folders of their own, for tools that read files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath

from ..change.change import Change
from ..review import Skipped
from .base import Sides

MAX_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Materialised:
    """The folders, and what could not be written into them."""

    sides: Sides
    skipped: tuple[Skipped, ...] = ()


def materialise(change: Change, read: Callable[[str], bytes], dest: Path) -> Materialised:
    """Write the regular Python files of the change under `dest`/base and `dest`/head, with their relative paths.

    Nothing else is written: no configuration, no symbolic links, nothing outside `dest`, which must be empty
    or absent. A path that cannot be a file there, and a file over `MAX_BYTES`, are Skipped.
    """
    root = dest.resolve()
    sides = Sides(root / "base", root / "head")
    for folder in (sides.base, sides.head):
        folder.mkdir(parents=True)
    skipped: dict[str, Skipped] = {}
    for folder, path, blob in _files(change, sides):
        reason = _write(folder, path, blob, read)
        if reason:
            skipped[path] = Skipped(path, reason)
    return Materialised(sides, tuple(skipped.values()))


def _files(change: Change, sides: Sides) -> Iterator[tuple[Path, str, str]]:
    for file in change.files:
        if not file.is_python:
            continue
        for folder, path, blob, mode in (
            (sides.base, file.base_path, file.base_blob, file.base_mode),
            (sides.head, file.path, file.head_blob, file.head_mode),
        ):
            if blob and mode.startswith("100"):
                yield folder, path, blob


def _write(folder: Path, path: str, blob: str, read: Callable[[str], bytes]) -> str:
    """Write one file; returns why not, or ""."""
    if not is_safe(path):
        return "its path cannot be a file below the repository's top"
    content = read(blob)
    if len(content) > MAX_BYTES:
        return f"it is too large to analyse ({len(content):,} bytes, the limit is {MAX_BYTES:,})"
    target = folder / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as stream:
            stream.write(content)
    except (OSError, ValueError) as error:
        return f"it cannot be written as a file here: {getattr(error, 'strerror', None) or error}"
    return ""


def is_safe(path: str) -> bool:
    """True when the path stays below the folder that it is joined to, on this platform and in git's own notation."""
    native, posix = PurePath(path), PurePosixPath(path)
    rooted = native.is_absolute() or posix.is_absolute() or bool(native.drive)
    return bool(posix.parts) and not rooted and ".." not in (*native.parts, *posix.parts)
