"""The beginnings that all questions of one kind share, kept on disk as the engine's own state.

A new process reads them back in milliseconds, where computing them would take seconds. They hold the instructions
alone, nothing of the code under review. A folder is for one identity: model file, template and build; those of others
are of no use and are removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

KEPT = 8
SECONDS = 20.0
OTHERS = 3


class Prefixes:
    """The engine's slots, spoken to over its own loopback port, which alone can save and restore them."""

    def __init__(self, engine: Any, key: str, place: Path) -> None:
        """`place` is the folder that the engine was told to save in; `key` is the one that its port asks for."""
        self._engine, self._key, self._place = engine, key, place
        self._known: set[str] = set()

    def restore(self) -> None:
        """Have the engine read back what there is."""
        files = sorted(self._place.glob("*.bin"), key=lambda file: file.stat().st_mtime, reverse=True)
        for number, file in enumerate(files[:KEPT]):
            if self._asked(f"/slots/{number}?action=restore", {"filename": file.name}) is not None:
                self._known.add(file.stem)
            else:
                file.unlink(missing_ok=True)

    def is_new(self, turns: list[dict[str, str]]) -> bool:
        """Whether this beginning of a chat is to be learned."""
        return bool(turns) and len(self._known) < KEPT and _name(turns) not in self._known

    def learn(self, turns: list[dict[str, str]]) -> None:
        """Save the state of a beginning. Most of it is still there, as it is asked for after a question that has it."""
        self._known.add(_name(turns))
        sizes: list[int] = []

        def piece(chunk: str) -> bool:
            if usage := json.loads(chunk).get("usage"):
                sizes.append(usage["total_tokens"])
            return False

        body = {"messages": turns, "max_tokens": 1, "temperature": 0, "stream": True, "cache_prompt": True}
        self._engine.handle_chat_completions(json.dumps(body | {"stream_options": {"include_usage": True}}), piece)
        slot = self._holding(sizes[-1] if sizes else 0)
        if slot is not None:
            self._asked(f"/slots/{slot}?action=save", {"filename": f"{_name(turns)}.bin"})

    def _holding(self, size: int) -> int | None:
        """The slot with as many tokens as were just computed; the last one may not count as held."""
        slots = self._asked("/slots", None) or []
        held = {slot["id"]: slot.get("n_prompt_tokens") or 0 for slot in slots if not slot.get("is_processing")}
        return next((number for number, tokens in held.items() if size and size - 1 <= tokens <= size), None)

    def _asked(self, path: str, body: dict[str, Any] | None) -> Any:
        """The port's answer, None when it refuses: a prefix is worth no failure."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._engine.listening_address}{path}", data, headers)  # noqa: S310
        with contextlib.suppress(OSError, ValueError), _direct.open(request, timeout=SECONDS) as answer:
            return json.load(answer)
        return None


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


def _name(turns: list[dict[str, str]]) -> str:
    return hashlib.sha256(json.dumps(turns).encode()).hexdigest()[:32]
