"""Docstrings for what has none; the program itself is provably the same, and its examples were executed."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from ..tasks.describe import describe
from ..tasks.session import Session
from ..verify.patch import Definition, lines_of, same_code
from .box import Box
from .docstyle import Style, docstring
from .example import executed
from .subject import Subject

QUOTE = '"""'
DOCTEST = """
import doctest
_found = doctest.DocTestFinder().find({name}, {name!r}, module=False, globs=dict(globals()))
_runner = doctest.DocTestRunner(verbose=False)
for _test in _found:
    _runner.run(_test)
assert (_runner.failures, _runner.tries) == (0, {number})
"""


@dataclass(frozen=True, slots=True)
class Documented:
    """What became of one definition. `text` is the whole new file, or the old one with the `reason` why.

    `examples` stand in the docstring and were executed there as doctests; `unfounded` are names that the model
    mentioned and that the code does not have (what it said with them was left out).
    """

    name: str
    text: str
    docstring: str
    examples: int
    reason: str
    unfounded: tuple[str, ...] = ()


def document(session: Session, box: Box, subject: Subject, style: Style, stage: Callable[[str], None]) -> Documented:
    """Write the docstring of a definition that has none. Raises ModelError when the engine fails."""
    if ast.get_docstring(subject.node, clean=False) is not None:
        return Documented(subject.name, subject.text, "", 0, "it has a docstring")
    stage(f"{subject.name}: describing")
    said = describe(session, subject.span.text, subject.node)
    if said is None or not said.purpose:
        unfounded = said.unfounded if said else ()
        reason = (
            f"it spoke of {unfounded[0]}, which is not there" if unfounded else "it is too long, or the answer was cut"
        )
        return Documented(subject.name, subject.text, "", 0, reason, unfounded)
    stage(f"{subject.name}: examples")
    examples = executed(session, box, subject)
    for shown in (examples, ()):
        body = docstring(said, shown, style)
        text = inserted(subject, body)
        number = body.count(">>> ")
        if text and same_code(subject.text, text) and _hold(box, subject.name, text, number):
            return Documented(subject.name, text, body, number, "", said.unfounded)
    return Documented(subject.name, subject.text, "", 0, "it could not be put into the file safely", said.unfounded)


def inserted(subject: Subject, body: str) -> str:
    """The file with a docstring at the head of the definition, "" where its body stands on the line of its head."""
    first = subject.node.body[0]
    start = _start(first)
    lines = lines_of(subject.text)
    indent = lines[start - 1][: len(lines[start - 1]) - len(lines[start - 1].lstrip())]
    if start <= subject.node.lineno or lines[start - 1][: first.col_offset].strip():
        return ""
    ending = "\r\n" if lines[start - 1].endswith("\r\n") else "\n"
    raw = "r" if "\\" in body else ""
    whole = f"{raw}{QUOTE}{body}{QUOTE}" if "\n" not in body else f"{raw}{QUOTE}{body}\n{QUOTE}"
    code = textwrap.indent(whole, indent).replace("\n", ending) + ending
    at = _after_head(subject, lines)
    return "".join([*lines[:at], code, *lines[at:]])


def _after_head(subject: Subject, lines: list[str]) -> int:
    """How many lines come before the body, comments at its beginning not among them."""
    at = _start(subject.node.body[0]) - 1
    while lines[at - 1].lstrip().startswith("#") or not lines[at - 1].strip():
        at -= 1
    return at


def _start(node: ast.stmt) -> int:
    """The first line of a statement, its decorators included."""
    return min(
        [node.lineno, *(d.lineno for d in node.decorator_list)] if isinstance(node, Definition) else [node.lineno]
    )


def _hold(box: Box, name: str, text: str, number: int) -> bool:
    """Whether the docstring's examples pass as doctests of the new text."""
    if not number:
        return True
    check = DOCTEST.format(name=name, number=number)
    checked = box.check(text, [check], 10.0)
    return not checked.loaded and checked.passed == {0}
