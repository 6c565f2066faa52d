"""Reads a repository's objects through one git process, which is started when the first is asked for."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from ..errors import GitError
from .gitcommand import begin, not_understood

KNOWN = 32_000_000  # bytes that are kept for the next one who reads them
FOLDER = "040000"
AGAIN = "was it killed for want of memory? try again"
GONE = (b" missing\n", b" ambiguous\n")


class Objects:
    """The objects of one repository, as its environment finds them. Safe to use from several threads."""

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        """Nothing is started yet."""
        self._root, self._env = root, env
        self._reader: subprocess.Popen[bytes] | None = None
        self._known: dict[str, bytes] = {}  # every stage reads the changed files again
        self._room = KNOWN
        self._lock = threading.Lock()

    def read(self, object_id: str) -> bytes | None:
        """An object's content, or None where it is not here."""
        with self._lock:
            if object_id in self._known:
                return self._known[object_id]
            found = self._asked(object_id)
            return None if found is None else self._kept(*found)

    def tree(self, name: str) -> str | None:
        """The id of a tree that git finds under a name, or None."""
        with self._lock:
            found = self._asked(name)
            if found is not None:
                self._kept(*found)
            return None if found is None else found[0]

    def entry(self, tree: str, path: str) -> tuple[str, str] | None:
        """Mode (six digits) and id of what a tree, or a commit, has at a path, or None."""
        root = tree if tree in self._known else self.tree(f"{tree}^{{tree}}")
        found = (FOLDER, root) if root else None
        for part in path.split("/"):
            if found is None or found[0] != FOLDER or (listing := self.read(found[1])) is None:
                return None
            found = _entries(listing, len(found[1]) // 2).get(part)
        return found

    def close(self) -> None:
        """End the process. May be called twice."""
        with self._lock:
            reader, self._reader = self._reader, None
        if reader is not None:
            with reader:  # at the end of its pipes it ends
                pass

    def _kept(self, object_id: str, data: bytes) -> bytes:
        if self._room >= len(data):
            self._room -= len(data)
            self._known[object_id] = data
        return data

    def _asked(self, name: str) -> tuple[str, bytes] | None:
        try:
            stdin, stdout = self._pipes()
            stdin.write(f"{name}\n".encode())
            stdin.flush()
            header = stdout.readline()
            if header.endswith(GONE):
                return None
            words = header.split()
            if len(words) != 3 or not words[2].isdigit():
                raise not_understood("an object's size")
            return words[0].decode("ascii", "replace"), stdout.read(int(words[2]) + 1)[:-1]
        except OSError as error:
            self._reader = None
            raise GitError(f"git ended while it was asked for objects: {error.strerror}", AGAIN) from error
        except (GitError, KeyboardInterrupt):
            # What is still in the pipe would be taken for the answer to the next question.
            self._reader = None
            raise

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._reader is None:
            self._reader = begin(self._root, ("cat-file", "--batch"), self._env)
        if self._reader.stdin is None or self._reader.stdout is None:
            raise RuntimeError("no pipes")
        return self._reader.stdin, self._reader.stdout


def _entries(tree: bytes, size: int) -> dict[str, tuple[str, str]]:
    """Mode and id by name, of a tree as git keeps it: "mode name NUL id", each id of `size` bytes."""
    found, place = {}, 0
    while place < len(tree):
        end = tree.find(b"\0", place)
        mode, _, name = tree[place:end].partition(b" ")
        if end < 0 or not mode.isdigit() or len(tree) < end + 1 + size:
            raise not_understood("a tree")
        place = end + 1 + size
        found[name.decode("utf-8", "surrogateescape")] = (mode.decode().zfill(6), tree[end + 1 : place].hex())
    return found
