"""Ask for a function from its signature and docstring alone, several times: versions that never saw its body."""

from __future__ import annotations

from ..llm.base import Request
from .fix import ANEW, CHARACTERS_PER_TOKEN, CODE, HEADROOM, WARM, outline
from .prompt import block, code_in
from .session import SYSTEM, Session


def versions(session: Session, text: str, count: int) -> list[str]:
    """Up to `count` versions of a function, as code; none when it has no docstring to go by.

    `text` is the function's source. An answer that was cut is left out. Raises ModelError when the engine fails.
    """
    known = outline(text)
    if not known:
        return []
    limit = 80 + int(len(text) / CHARACTERS_PER_TOKEN * HEADROOM)
    request = Request(
        SYSTEM, ANEW, block(known), prefill=CODE, max_tokens=limit, temperature=WARM, samples=count, seed=1,
        stop=("\n```",),
    )  # fmt: skip
    return [code_in(s.text) for s in session.ask(request).samples if s.finish == "stop"]
