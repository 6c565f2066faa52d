"""Ask for tests of a function or class, to be executed against it as it stands."""

from __future__ import annotations

from collections.abc import Iterator

from ..llm.base import Request
from .prompt import block, code_in
from .session import SYSTEM, Session

TESTS = (
    "Write pytest tests for the Python code below: short test functions with plain assert statements and literal "
    "values, no mocks. Cover usual input, edge cases, and errors with pytest.raises. Answer with one code block.\n\n"
)
TOKENS = 600
LIMIT = 6_000
WARM = 0.8


def tests_for(session: Session, code: str, imported: str, context: str, number: int) -> Iterator[str]:
    """Test modules as the model writes them, the likeliest first; an answer that was cut is shortened to whole lines.

    `imported` is the statement that imports what is tested, `context` the head of its class or "". Nothing for code
    that is too long to be shown. Raises ModelError when the engine fails.
    """
    if len(code) > LIMIT:
        return
    start = f"import pytest\n\n{imported}\n\n\ndef test_"
    prompt = (f"It is a method of:\n{block(context)}" if context else "") + block(code)
    for temperature, count, seed in ((0.0, 1, 0), (WARM, number - 1, 1)):
        if count < 1:
            continue
        request = Request(
            SYSTEM, TESTS, prompt, prefill=f"```python\n{start}", max_tokens=TOKENS, temperature=temperature,
            samples=count, seed=seed, stop=("\n```",),
        )  # fmt: skip
        yield from (start + code_in(sample.text) for sample in session.ask(request).samples)
