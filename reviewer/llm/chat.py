"""A request as the turns of a chat, or as plain text; the same for every engine."""

from __future__ import annotations

import re

from .base import Request

_CONTROL = re.compile(r"<\|(?=\w+\|>)")


def messages(request: Request) -> list[dict[str, str]]:
    """System, user and the beginning of the answer, as far as there are such."""
    turns = (("system", request.system), ("user", request.shared + request.prompt), ("assistant", request.prefill))
    return [{"role": role, "content": defuse(text)} for role, text in turns if text or role == "user"]


def plain(request: Request) -> str:
    """For a model that knows no chat: paragraphs, and the beginning of the answer."""
    parts = (request.system, request.shared + request.prompt, request.prefill)
    return "\n\n".join(defuse(part) for part in parts[:2] if part) + "\n\n" + parts[2]


def defuse(text: str) -> str:
    """Code under review must not be able to end its turn: `<|name|>` loses its meaning as a control token."""
    return _CONTROL.sub("< |", text)
