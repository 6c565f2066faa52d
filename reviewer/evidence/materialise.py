"""Writes the changed Python files of each side into folders of their own, for tools that read files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from ..change.change import Change, FileChange
from ..once import once
from ..review import Skipped
from .base import Sides

MAX_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Materialised:
    """The folders, and what could not be written into them until now, by path."""

    sides: Sides
    problems: dict[str, Skipped] = field(default_factory=dict)

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What could not be written until now."""
        return tuple(self.problems.values())


def materialise(change: Change, read: Callable[[str], bytes], dest: Path) -> Materialised:
    """Write the regular Python files of the change under `dest`/head, and, when that is asked for, `dest`/base.

    They have their relative paths. Nothing else is written: no configuration, no symbolic links, nothing outside
    `dest`, which must be empty or absent. A path that cannot be a file there, and a file over `MAX_BYTES`, are Skipped.
    """
    root, problems = dest.resolve(), dict[str, Skipped]()

    def written(name: str, side: Callable[[FileChange], tuple[str, str, str]]) -> Path:
        folder = root / name
        folder.mkdir(parents=True)
        problems.update(
            (path, Skipped(path, why))
            for path, why in _write_all(folder, (side(f) for f in change.files if f.is_python), read)
        )
        return folder

    head = written("head", lambda f: (f.path, f.head_blob, f.head_mode))
    base = once(lambda: written("base", lambda f: (f.base_path, f.base_blob, f.base_mode)))
    return Materialised(Sides(head, base), problems)


def _write_all(
    folder: Path, files: Iterable[tuple[str, str, str]], read: Callable[[str], bytes]
) -> Iterator[tuple[str, str]]:
    """Write the Python files of (path, blob, mode), and give the paths of those that could not be, and why not."""
    made = {folder}
    for path, blob, mode in files:
        if blob and mode.startswith("100") and (why := _write(folder, path, read(blob), made)):
            yield path, why


def _write(folder: Path, path: str, content: bytes, made: set[Path]) -> str:
    """Write one file; returns why not, or ""."""
    if not is_safe(path):
        return "its path cannot be a file below the repository's top"
    if len(content) > MAX_BYTES:
        return f"it is too large to analyse ({len(content):,} bytes, the limit is {MAX_BYTES:,})"
    target = folder / path
    try:
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        with target.open("xb", buffering=0) as stream:
            stream.write(content)
    except (OSError, ValueError) as error:
        return f"it cannot be written as a file here: {getattr(error, 'strerror', None) or error}"
    return ""


def is_safe(path: str) -> bool:
    """True when the path stays below the folder that it is joined to, on this platform and in git's own notation."""
    native, posix = PurePath(path), PurePosixPath(path)
    rooted = native.is_absolute() or posix.is_absolute() or bool(native.drive)
    return bool(posix.parts) and not rooted and ".." not in (*native.parts, *posix.parts)
