"""Which slot answers, with stand-ins for the engine and the files (a real engine: test_llamacpp_model)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from reviewer.llm.prefixes import Prefixes
from reviewer.llm.slots import QUESTIONS, Slots, text_of

FIND, FIX = ([{"role": "system", "content": "be"}, {"role": "user", "content": kind}] for kind in ("find ", "fix "))
UNIT = "x = 1\n" * 100


class Files:
    """Remembers what was saved, and what was read back."""

    def __init__(self) -> None:
        self.saved: list[str] = []
        self.restored: list[tuple[int, str]] = []

    def restore(self, slot: int, beginning: str) -> bool:
        self.restored += [(slot, beginning)] if beginning in self.saved else []
        return beginning in self.saved

    def save(self, slot: int, beginning: str) -> None:
        self.saved.append(beginning)


class Engine:
    """Computes beginnings of ten tokens, two of which were there."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def handle_chat_completions(self, body: str, piece: Callable[[str], bool]) -> None:
        self.asked.append(json.loads(body))
        usage = {"prompt_tokens": 10, "total_tokens": 11, "prompt_tokens_details": {"cached_tokens": 2}}
        if not piece(json.dumps({"choices": []})):
            piece(json.dumps({"usage": usage}))


def _slots(context: int = 1000, files: Files | None = None) -> tuple[Slots, Engine]:
    engine = Engine()
    return Slots(engine, 7, context, cast("Prefixes | None", files)), engine


def _ask(slots: Slots, kind: list[dict[str, str]], unit: str, tokens: int = 100) -> tuple[int, int]:
    text = text_of(kind) + unit
    slot, learned = slots.take(text, kind, lambda: False)
    slots.used(slot, text, tokens)
    return slot, learned


def test_a_beginning_is_computed_once_and_read_back_afterwards() -> None:
    files = Files()
    slots, engine = _slots(files=files)
    answers = [_ask(slots, kind, f"{n} {UNIT}") for n in range(4) for kind in (FIND, FIX)]
    assert [learned for _, learned in answers] == [8, 8, *[0] * 6]
    assert files.saved == [text_of(FIND), text_of(FIX)]
    assert len(engine.asked) == 2
    assert engine.asked[0]["id_slot"] == answers[0][0] == 7


def test_the_slot_that_holds_the_same_code_is_taken_and_others_are_left() -> None:
    slots, _ = _slots(files=Files())
    first, _ = _ask(slots, FIND, UNIT)
    second, _ = _ask(slots, FIX, UNIT)
    third, _ = _ask(slots, FIND, "other " + UNIT)
    assert len({first, second, third}) == QUESTIONS
    # Not the least recently used one.
    assert _ask(slots, FIX, UNIT + "once more")[0] == second


def test_what_had_no_room_is_not_relied_upon() -> None:
    files = Files()
    slots, _ = _slots(context=1000, files=files)
    _ask(slots, FIND, UNIT, 400)
    _ask(slots, FIX, UNIT, 700)
    files.restored.clear()
    _ask(slots, FIND, UNIT, 100)
    assert [beginning for _, beginning in files.restored] == [text_of(FIND)]


def test_a_beginning_that_was_broken_off_is_not_relied_upon() -> None:
    files = Files()
    slots, engine = _slots(files=files)
    slots.take(text_of(FIND) + UNIT, FIND, lambda: True)
    assert files.saved == []
    for _ in range(QUESTIONS - 1):
        slots.take("something else", [], lambda: False)
    assert _ask(slots, FIND, UNIT)[1] == 8
    assert len(engine.asked) == 2


def test_an_answer_that_was_broken_off_leaves_the_beginning() -> None:
    files = Files()
    slots, _ = _slots(files=files)
    slot, _ = slots.take(text_of(FIND) + UNIT, FIND, lambda: False)
    for _ in range(QUESTIONS - 1):
        slots.take("something else", [], lambda: False)
    assert slots.take(text_of(FIND) + "more", FIND, lambda: False) == (slot, 0)
    assert files.restored == []


def test_where_nothing_can_be_read_back_a_slot_with_the_beginning_is_taken() -> None:
    slots, engine = _slots()
    first, _ = _ask(slots, FIND, UNIT)
    assert _ask(slots, FIX, UNIT)[0] != first
    assert _ask(slots, FIND, "other")[0] == first
    assert engine.asked == []
