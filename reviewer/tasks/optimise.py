"""Ask for a faster or a clearer version of a function, and for calls of it to compare the versions on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum

from ..llm.base import Request
from .prompt import block, code_in
from .session import SYSTEM, Session


class Aim(StrEnum):
    """What a rewrite is for."""

    FASTER = "faster"
    CLEARER = "clearer"


WANTED = {
    Aim.FASTER: (
        "Rewrite the Python function below so that it is much faster for large inputs and returns exactly the same "
        "results: the same types, order and repeated items. Keep its name and signature. Use a better algorithm or "
        "data structure where there is one. Answer with the whole function in one code block.\n\n"
    ),
    Aim.CLEARER: (
        "Rewrite the Python function below so that it is shorter and easier to read and returns exactly the same "
        "results. Keep its name, signature and docstring. Use what Python's standard library has. Answer with the "
        "whole function in one code block.\n\n"
    ),
}
CALLS = (
    "Write four calls of the Python function below, one on each line, with literal arguments of the usual kind, each "
    "different. Answer with one code block.\n\n"
)
HEADROOM, CHARACTERS_PER_TOKEN = 1.6, 3.0
CALL_TOKENS = 200


def rewritten(session: Session, text: str, samples: int, aim: Aim, hints: str = "", retort: str = "") -> Iterator[str]:
    """Code for the function, the likeliest version first; `hints` and `retort` are told after it.

    With a retort there is no likeliest version: it would be the same again. Raises ModelError when the engine fails.
    """
    limit = 120 + int(len(text) / CHARACTERS_PER_TOKEN * HEADROOM)
    for temperature, number in ((0.8, samples),) if retort else ((0.0, 1), (0.8, samples - 1)):
        if number < 1:
            return
        request = Request(
            SYSTEM, WANTED[aim], block(text) + hints + retort, prefill="```python\n", max_tokens=limit,
            temperature=temperature, samples=number, seed=1, stop=("\n```",),
        )  # fmt: skip
        for sample in session.ask(request).samples:
            if sample.finish == "stop":
                yield code_in(sample.text)


def example_calls(session: Session, text: str, name: str) -> Iterator[str]:
    """Arguments of calls as texts of tuples of literals: nothing else is taken from the reply."""
    start = f"{name}("
    request = Request(
        SYSTEM, CALLS, block(text), prefill=f"```python\n{start}", max_tokens=CALL_TOKENS, stop=("\n```",)
    )
    for line in (start + session.ask(request).samples[0].text).split("\n"):
        if (arguments := literal_arguments(line.strip(), name)) is not None:
            yield arguments


def literal_arguments(text: str, name: str) -> str | None:
    """The positional arguments of a call of that name as the text of a tuple, None where it is anything else.

    What the call is compared with is left aside: models like to say what they expect.
    """
    try:
        node = ast.parse(text, mode="eval").body
        node = node.left if isinstance(node, ast.Compare) else node
        if not isinstance(node, ast.Call) or node.keywords or ast.unparse(node.func).rpartition(".")[2] != name:
            return None
        return repr(tuple(ast.literal_eval(argument) for argument in node.args))
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None
