"""Files of a throw-away copy with other contents, for as long as something runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replaced(root: Path, files: Mapping[str, bytes | None]) -> Iterator[None]:
    """The copy at `root` with these contents by path (None: the file is gone); put back as it was, whatever happens.

    A path that is, or leads through, a symbolic link is left alone: it could lead out of the copy.
    """
    before = {path: _content(root / path) for path in files if not _through_link(root, path)}
    try:
        put(root, files)
        yield
    finally:
        put(root, before)


def put(root: Path, files: Mapping[str, bytes | None]) -> None:
    """The same for good."""
    for path, content in files.items():
        if not _through_link(root, path):
            _put(root / path, content)


def _through_link(root: Path, path: str) -> bool:
    place = root / path
    return any(p.is_symlink() for p in (place, *place.parents) if p.is_relative_to(root) and p != root)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _put(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
