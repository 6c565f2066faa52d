"""Ask what an exception means, and for a script as it should be."""

from __future__ import annotations

from ..llm.base import Request
from .prompt import block, code_in, prose
from .session import SYSTEM, Session
from .translate import translated

EXPLAIN = "Below are a Python program and how it ended. Say in one short sentence why that happens.\n\n"
REPAIR = (
    "Correct the Python program below so that it runs to its end, and change nothing that is not wrong. "
    "Answer with the whole program in one code block.\n\n"
)
LIMIT = 4_000
HEADROOM, CHARACTERS_PER_TOKEN = 1.4, 3.0


def why(session: Session, code: str, ended: str) -> str:
    """One sentence on how a program ended; "" where the program is too long to be shown."""
    if len(code) > LIMIT:
        return ""
    prompt = f"{block(code)}It ended with: {ended}\n"
    said = prose(session.ask(Request(SYSTEM, EXPLAIN, prompt, max_tokens=80)).samples[0])
    return translated(session, [said])[0]


def repaired(session: Session, code: str, ended: str) -> str:
    """The program as the model would correct it, "" where it has no whole answer or the program is too long."""
    if len(code) > LIMIT:
        return ""
    limit = 80 + int(len(code) / CHARACTERS_PER_TOKEN * HEADROOM)
    request = Request(
        SYSTEM, REPAIR, f"{block(code)}It ended with: {ended}\n", prefill="```python\n", max_tokens=limit,
        stop=("\n```",),
    )  # fmt: skip
    sample = session.ask(request).samples[0]
    return code_in(sample.text).rstrip() + "\n" if sample.finish == "stop" else ""
