"""Ask for the unit as it should be: whole code, not a form; the difference is taken in code.

Two ways that differ in kind: *rewrite* shows the unit and what is wrong with it; *anew* shows signature and docstring
alone, so that the model cannot copy the bug.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

from ..change.change import Unit, UnitKind
from ..finding import Category, Finding
from ..llm.base import Request
from .prompt import block, code_in
from .session import SYSTEM, Session

REWRITE = (
    "Correct the Python function below. Keep its name, its signature and whatever is not wrong. "
    "Answer with the whole corrected function in one code block.\n\n"
)
ANEW = "Write this Python function. Answer with the whole function in one code block.\n\n"
HEADROOM = 1.4
CHARACTERS_PER_TOKEN = 3.0
FUNCTIONS = (UnitKind.FUNCTION, UnitKind.METHOD)


def proposals(session: Session, finding: Finding, unit: Unit, samples: int, guidance: str = "") -> Iterator[str]:
    """Code for the unit, one proposal at a time, cheapest first; the caller stops when one is good enough.

    Nothing is asked before the first is taken. Raises ModelError when the engine fails.
    """
    if unit.head is None or unit.kind not in FUNCTIONS:
        return
    prompt = block(unit.head.text) + _problem(finding, guidance)
    yield from _ask(session, REWRITE, prompt, unit, 0.0, 1)
    outline = _outline(unit.head.text) if finding.category is Category.BUG else ""
    if outline:
        yield from _ask(session, ANEW, block(outline), unit, 0.0, 1)
    if samples > 1:
        yield from _ask(session, REWRITE, prompt, unit, 0.8, samples - 1)
    if outline and samples > 1:
        yield from _ask(session, ANEW, block(outline), unit, 0.8, samples - 1)


def _ask(session: Session, shared: str, prompt: str, unit: Unit, temperature: float, samples: int) -> Iterator[str]:
    size = len(unit.head.text) if unit.head else 0
    limit = 80 + int(size / CHARACTERS_PER_TOKEN * HEADROOM)
    request = Request(
        SYSTEM, shared, prompt, prefill="```python\n", max_tokens=limit, temperature=temperature, samples=samples,
        seed=1, stop=("\n```",),
    )  # fmt: skip
    for sample in session.ask(request).samples:
        if sample.finish == "stop":
            yield code_in(sample.text)


def _problem(finding: Finding, guidance: str) -> str:
    if finding.reproducer:
        return (
            f"This test fails:\n{block(finding.reproducer.output[:1200], '')}Correct the function so that it passes.\n"
        )
    return f"Wrong at the line `{finding.quote.strip()}`: {finding.message}\n{guidance}\n"


def _outline(text: str) -> str:
    """Signature and docstring of a function, "" when it has no docstring to go by."""
    source = textwrap.dedent(text)
    try:
        node = ast.parse(source).body[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError):
        return ""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not ast.get_docstring(node):
        return ""
    return "\n".join(source.split("\n")[: node.body[0].end_lineno])
