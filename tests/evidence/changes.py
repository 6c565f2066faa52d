"""Builds the values of a change out of two sets of files, without git."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reviewer.change.change import Change, FileChange, Hunk, Status
from reviewer.evidence.base import Collector, Evidence
from reviewer.evidence.materialise import Materialised, materialise


@dataclass(frozen=True)
class Made:
    """A change and the blobs behind it."""

    change: Change
    blobs: dict[str, bytes]

    def materialise(self, dest: Path) -> Materialised:
        return materialise(self.change, self.blobs.__getitem__, dest)

    def collect(self, collector: Collector, dest: Path) -> Evidence:
        return collector.collect(self.change, self.materialise(dest).sides, tuple)


def make(
    base: Mapping[str, str | bytes], head: Mapping[str, str | bytes], renames: Mapping[str, str] | None = None
) -> Made:
    """The change from `base` to `head`, files by path; `renames` maps head paths to base paths."""
    renames = dict(renames or {})
    blobs: dict[str, bytes] = {"": b""}
    files = []
    for path in sorted({*head, *(set(base) - set(renames.values()))}):
        old_path = renames.get(path, path)
        old, new = _bytes(base.get(old_path)), _bytes(head.get(path))
        if old != new or path in renames:
            files.append(_file(path, old_path, old, new, blobs))
    return Made(Change("/nowhere", "b" * 40, "h" * 40, tuple(files), "a change"), blobs)


def _bytes(content: str | bytes | None) -> bytes | None:
    return content.encode() if isinstance(content, str) else content


def _file(path: str, old_path: str, old: bytes | None, new: bytes | None, blobs: dict[str, bytes]) -> FileChange:
    status = Status.ADDED if old is None else Status.DELETED if new is None else Status.MODIFIED
    old_id, new_id = ("" if c is None else hashlib.sha1(c).hexdigest() for c in (old, new))
    blobs.update({old_id: old or b"", new_id: new or b""})
    return FileChange(
        path=path,
        base_path=old_path,
        status=Status.RENAMED if path != old_path else status,
        base_blob=old_id,
        head_blob=new_id,
        base_mode="100644" if old_id else "",
        head_mode="100644" if new_id else "",
        hunks=hunks(old or b"", new or b""),
    )


def hunks(old: bytes, new: bytes) -> tuple[Hunk, ...]:
    """As `git diff -U0` would cut them."""
    a, b = (c.decode("latin-1").split("\n")[: c.count(b"\n") + (not c.endswith(b"\n") and bool(c))] for c in (old, new))
    found = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return tuple(
        Hunk(i1 + (i2 > i1), i2 - i1, j1 + (j2 > j1), j2 - j1) for tag, i1, i2, j1, j2 in found if tag != "equal"
    )
