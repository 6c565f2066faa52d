"""Which of the engine's slots answers a question, so that as little as can be is computed anew.

The engine itself goes by likeness: a question of another kind then overwrites the last one's slot, as the words that
all chats begin with are a good part of it, and several samples overwrite any. Here a few slots are for questions
alone, the least recently used is taken, and what all questions of a kind begin with is read back into it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .prefixes import Prefixes

QUESTIONS = 3
# Characters beyond the common beginning from which on a slot is worth more than one that is free.
WORTH = 200
Turn = dict[str, str]


class Slots:
    """The slots from `first` on, by what they hold; the engine takes those before them for further samples."""

    def __init__(self, engine: Any, first: int, context: int, prefixes: Prefixes | None) -> None:
        """`context`: the tokens that all slots together have room for. Without `prefixes` nothing is read back."""
        self._engine, self._context, self._prefixes = engine, context, prefixes
        # In the order of their use, the newest last.
        self._held = dict.fromkeys(range(first, first + QUESTIONS), "")
        self._tokens = dict.fromkeys(self._held, 0)

    def take(self, text: str, fixed: Sequence[Turn], is_over: Callable[[], bool]) -> tuple[int, int]:
        """The slot for a question, and how many tokens of its beginning had to be computed for the first time.

        `text` is the question as `text_of` gives it, `fixed` are the turns that all of its kind begin with.
        """
        beginning = text_of(fixed)
        slot = self._likeliest(text, len(beginning))
        common, learned = _common(self._held[slot], text), 0
        if self._prefixes and common < len(beginning):
            computed = self._begin(self._prefixes, slot, beginning, fixed, is_over)
            common, learned = (0, 0) if computed is None else (len(beginning), computed)
        self._hold(slot, text[:common])
        return slot, learned

    def used(self, slot: int, text: str, tokens: int) -> None:
        """A question was answered: its slot, and those that helped it, hold that many tokens.

        Where all together have no room for what they hold, the engine has cleared others.
        """
        self._tokens[slot] = tokens
        self._hold(slot, text)
        if sum(self._tokens.values()) > self._context:
            others = [other for other in self._held if other != slot]
            self._held.update(dict.fromkeys(others, ""))
            self._tokens.update(dict.fromkeys(others, 0))

    def _likeliest(self, text: str, beginning: int) -> int:
        """The slot that has much of the question; else the least recently used, if its beginning can be had again."""
        best = max(self._held, key=lambda slot: _common(self._held[slot], text))
        common = _common(self._held[best], text)
        if common > beginning + WORTH or (self._prefixes is None and common >= beginning > 0):
            return best
        return next(iter(self._held))

    def _hold(self, slot: int, text: str) -> None:
        del self._held[slot]
        self._held[slot] = text

    def _begin(
        self, prefixes: Prefixes, slot: int, beginning: str, fixed: Sequence[Turn], is_over: Callable[[], bool]
    ) -> int | None:
        """Have a slot hold a beginning: read back, or computed and saved. How much was computed; None: broken off."""
        if prefixes.restore(slot, beginning):
            return 0
        usages: list[Mapping[str, Any]] = []

        def piece(chunk: str) -> bool:
            usages.extend(usage_in(chunk))
            return is_over()

        body = {"messages": list(fixed), "max_tokens": 1, "temperature": 0, "stream": True, "cache_prompt": True}
        options = {"stream_options": {"include_usage": True}, "id_slot": slot}
        self._engine.handle_chat_completions(json.dumps(body | options), piece)
        if not usages:
            return None
        prefixes.save(slot, beginning)
        return int(usages[0]["prompt_tokens"]) - int(usages[0].get("prompt_tokens_details", {}).get("cached_tokens", 0))


def text_of(turns: Sequence[Turn]) -> str:
    """Turns as one text, of which that of a kind's fixed turns is the beginning."""
    return "\0".join(turn["content"] for turn in turns)


def usage_in(chunk: str) -> list[Mapping[str, Any]]:
    """What a chunk says of the tokens that were read and written, if anything."""
    usage = json.loads(chunk).get("usage") if '"usage"' in chunk else None
    return [usage] if usage else []


def _common(one: str, other: str) -> int:
    """How many characters at the beginning are the same."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
