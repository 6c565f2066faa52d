"""Examples that were executed: a call with literal arguments and what it really gave."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from ..tasks.optimise import example_calls
from ..tasks.session import Session
from .box import Box
from .subject import Subject

SECONDS = 3.0
LONGEST = 72


@dataclass(frozen=True, slots=True)
class Example:
    """`call` as Python writes it, and the `value` that it gave twice, or the exception that it `raised` twice."""

    call: str
    value: str
    raised: str


def executed(session: Session, box: Box, subject: Subject, most: int = 2) -> tuple[Example, ...]:
    """Up to so many examples of a plain function of a module; none for what cannot be called with literals alone.

    What is not the same twice is no example. Raises ModelError when the engine fails.
    """
    if not isinstance(subject.node, ast.FunctionDef) or "." in subject.name:
        return ()
    calls = [f"{subject.name}{_arguments(text)}" for text in example_calls(session, subject.span.text, subject.name)]
    return _run(box, subject, dict.fromkeys(calls))[:most]


def _arguments(text: str) -> str:
    """The text of a tuple as a call's arguments."""
    return text.replace(",)", ")") if text.endswith(",)") else text


def _run(box: Box, subject: Subject, calls: Iterable[str]) -> tuple[Example, ...]:
    names = [c for c in calls if len(c) <= LONGEST]
    checks = [f"_seen_ = {call}" for call in names]
    first, second = (box.check(subject.text, checks, SECONDS) for _ in range(2))
    if first.loaded or second.loaded:
        return ()  # then no call says anything of the function
    found = []
    for number, call in enumerate(names):
        answers = (first.answers.get(number), first.seen.get(number))
        if answers[0] is None or answers != (second.answers.get(number), second.seen.get(number)):
            continue
        value, raised = answers[1] or "", answers[0].partition(":")[0]
        if (value and "0x" not in value and len(value) <= LONGEST and value != "None") or raised:
            found.append(Example(call, value, raised))
    return tuple(sorted(found, key=lambda e: bool(e.raised)))
