"""The beginnings that all questions of one kind share, kept on disk as the engine's own state.

They are read back in milliseconds, where computing them would take seconds. They hold the instructions alone, nothing
of the code under review. A folder is for one identity: model file, template and build; those of others are of no use
and are removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

KEPT = 24
SECONDS = 20.0
OTHERS = 3


class Prefixes:
    """Files of the engine's slots, written and read over its own loopback port, which alone can do so."""

    def __init__(self, address: str, key: str, place: Path) -> None:
        """`place` is the folder that the engine was told to save in; `key` is the one that its port asks for."""
        self._address, self._key, self._place = address, key, place

    def restore(self, slot: int, beginning: str) -> bool:
        """Have a slot hold a beginning that was saved; False when there is none, and then the slot holds nothing."""
        file = self._file(beginning)
        if not file.exists():
            return False
        with contextlib.suppress(OSError):
            file.touch()
        return self._asked(f"/slots/{slot}?action=restore", {"filename": file.name})

    def save(self, slot: int, beginning: str) -> None:
        """Keep what a slot holds as this beginning; of all of them the newest stay."""
        self._asked(f"/slots/{slot}?action=save", {"filename": self._file(beginning).name})
        dated = sorted(self._place.glob("*.bin"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in dated[KEPT:]:
            old.unlink(missing_ok=True)

    def _file(self, beginning: str) -> Path:
        return self._place / f"{hashlib.sha256(beginning.encode()).hexdigest()[:32]}.bin"

    def _asked(self, path: str, body: dict[str, Any]) -> bool:
        """Whether the port did it: a prefix is worth no failure."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._address}{path}", json.dumps(body).encode(), headers)  # noqa: S310
        with contextlib.suppress(OSError, ValueError), _direct.open(request, timeout=SECONDS) as answer:
            answer.read()
            return True
        return False


# The port is on this machine, whatever proxy the environment names.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def folder(top: Path, identity: str) -> Path:
    """The folder for one identity, the user's own; of others only the newest few stay."""
    place = top / identity[:16]
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    dated = sorted(top.iterdir(), key=lambda other: other.stat().st_mtime, reverse=True)
    for other in [other for other in dated if other != place][OTHERS:]:
        shutil.rmtree(other, ignore_errors=True)
    return place
