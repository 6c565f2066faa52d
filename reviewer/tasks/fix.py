"""Ask for the unit as it should be: whole code, not a form; the difference is taken in code.

The ways differ in kind, so that one may succeed where another copies the bug: *rewrite* shows the unit and what is
wrong with it; *anew* shows signature and docstring alone; *again* shows the model's own attempt and what became of it;
*think* asks for the cause before the code.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from ..change.change import Unit, UnitKind
from ..llm.base import Request
from .prompt import block, code_in
from .session import SYSTEM, Session

REWRITE = (
    "Correct the Python function below. Keep its name, its signature and whatever is not wrong. "
    "Answer with the whole corrected function in one code block.\n\n"
)
ANEW = "Write this Python function. Answer with the whole function in one code block.\n\n"
CODE = "```python\n"
HEADROOM = 1.4
CHARACTERS_PER_TOKEN = 3.0
SENTENCE = 80
WARM = 0.8
UNPROVED = 4
FUNCTIONS = (UnitKind.FUNCTION, UnitKind.METHOD)


class Way(StrEnum):
    """How a proposal came about, in words for people."""

    REWRITE = "rewritten by the model"
    ANEW = "written anew by the model"
    AGAIN = "rewritten by the model at the second try"
    THINK = "rewritten by the model from the cause it named"


@dataclass(frozen=True, slots=True)
class Defect:
    """What a proposal must mend, in words for the model.

    `problem` tells of a failing test or a tool's remark; `examples` are statements that must hold, for whoever does
    not see the function's body. `executed`: tests tell right from wrong, so that many proposals are worth their time.
    """

    problem: str
    examples: tuple[str, ...] = ()
    executed: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """Code for a unit, and the way it came about."""

    code: str
    way: Way


Retort = Callable[[str], str]
"""What became of a proposal that was judged, in words for the model; "" when there is nothing that helps."""


def proposals(session: Session, unit: Unit, defect: Defect, samples: int, retort: Retort) -> Iterator[Proposal]:
    """At most `samples` proposals, the likeliest first; the caller stops when one is good enough.

    Nothing is asked before the first is taken. Raises ModelError when the engine fails.
    """
    if unit.head is None or unit.kind not in FUNCTIONS:
        return
    asking = _Asking(session, unit.head.text, defect, retort)
    left = samples if defect.executed else min(samples, UNPROVED)
    for way, temperature, most in asking.plan():
        request = asking.request(way)
        count = min(most, left)
        if request is None or not count:
            continue
        for code in asking.answers(request, temperature, count, seed=left):
            yield Proposal(code, way)
        left -= count


@dataclass(slots=True)
class _Asking:
    """One defect's requests; `last` is the newest proposal."""

    session: Session
    text: str
    defect: Defect
    retort: Retort
    last: str = ""

    def plan(self) -> tuple[tuple[Way, float, int], ...]:
        """Ways with their temperature and how many samples each may take, in order; the last takes what is left."""
        if not self.defect.executed:
            return ((Way.REWRITE, 0.0, 1), (Way.REWRITE, WARM, UNPROVED))
        steady = ((Way.REWRITE, 0.0, 1), (Way.AGAIN, 0.0, 1), (Way.ANEW, 0.0, 1), (Way.THINK, 0.0, 1))
        return (*steady, (Way.REWRITE, WARM, 2), (Way.ANEW, WARM, 2), (Way.REWRITE, WARM, 8))

    def request(self, way: Way) -> Request | None:
        """The question, to be asked once or several times; None where this way has nothing to show."""
        rewrite = block(self.text) + self.defect.problem
        match way:
            case Way.REWRITE:
                return self._code(REWRITE, rewrite)
            case Way.THINK:
                ask = "First say in one sentence what is wrong.\n"
                limit = self._limit() + SENTENCE
                return Request(
                    SYSTEM, REWRITE, rewrite + ask, prefill="What is wrong: ", max_tokens=limit, stop=("\n```\n",)
                )
            case Way.ANEW:
                known = outline(self.text)
                examples = (
                    f"It must satisfy:\n{block(chr(10).join(self.defect.examples))}" if self.defect.examples else ""
                )
                return self._code(ANEW, block(known) + examples) if known else None
            case Way.AGAIN:
                said = self.retort(self.last)
                return self._code(REWRITE, block(self.last) + said) if said else None

    def answers(self, request: Request, temperature: float, count: int, seed: int) -> Iterator[str]:
        """The code of every answer that came to its end."""
        question = replace(request, temperature=temperature, samples=count, seed=seed)
        for sample in self.session.ask(question).samples:
            if sample.finish == "stop":
                self.last = code_in(sample.text)
                yield self.last

    def _code(self, shared: str, prompt: str) -> Request:
        return Request(SYSTEM, shared, prompt, prefill=CODE, max_tokens=self._limit(), stop=("\n```",))

    def _limit(self) -> int:
        return 80 + int(len(self.text) / CHARACTERS_PER_TOKEN * HEADROOM)


def outline(text: str) -> str:
    """Signature and docstring of a function, "" when it has no docstring to go by."""
    source = textwrap.dedent(text)
    try:
        node = ast.parse(source).body[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError):
        return ""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not ast.get_docstring(node):
        return ""
    return "\n".join(source.split("\n")[: node.body[0].end_lineno])
