"""The change as it is shown to a person: the lines of every changed file, within a bound, without its secrets."""

from __future__ import annotations

from collections.abc import Collection

from ..mask import masked
from ..review import ChangedFile, Edit
from .change import Change, FileChange, ReadBlob

# Bytes of both sides together; a page with more is of no use to a person.
MOST = 8_000_000


def changed_files(change: Change, read: ReadBlob, secrets: Collection[str]) -> tuple[ChangedFile, ...]:
    """Every file of the change; those that do not fit any more, or were left out of the review, have no lines.

    Raises GitError where a blob cannot be read.
    """
    # By lines, so that no line goes and all numbers stay.
    hidden = {line for secret in secrets for line in secret.splitlines()}
    room, files = MOST, []
    for file in change.files:
        base, head = (read(blob) if file.hunks and blob else b"" for blob in (file.base_blob, file.head_blob))
        room -= len(base) + len(head)
        files.append(_shown(file, _lines(base, hidden), _lines(head, hidden)) if room >= 0 else _omitted(file))
    return tuple(files)


def _omitted(file: FileChange) -> ChangedFile:
    return ChangedFile(
        file.path, file.base_path, file.status.value, omitted="the change is too large to show all of it"
    )


def _shown(file: FileChange, base: tuple[str, ...], head: tuple[str, ...]) -> ChangedFile:
    names = (file.path, file.base_path, file.status.value)
    if not file.hunks:
        same = file.base_blob == file.head_blob
        return ChangedFile(*names, omitted="its content is the same" if same else "its lines were not read")
    edits = tuple(Edit(h.head_start, h.head_count, tuple(base[n - 1] for n in h.base_lines)) for h in file.hunks)
    return ChangedFile(*names, head, edits)


def _lines(data: bytes, hidden: Collection[str]) -> tuple[str, ...]:
    text = masked(data.decode("utf-8", "replace"), hidden)
    return tuple(line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")) if text else ()
