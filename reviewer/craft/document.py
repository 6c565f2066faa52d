"""Docstrings for what has none; the program itself is provably the same, and its examples were executed."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..tasks.describe import describe
from ..tasks.session import Session
from ..verify.patch import lines_of, same_code
from .annotate import annotated
from .box import Box
from .docstyle import Style, docstring
from .example import executed
from .owntests import OwnTests
from .subject import Subject, again, head_end, start_of
from .typecheck import objections

LOADING = 10.0
UNSAID = "it is too long, or the answer was cut"
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
    """What became of one definition. `text` is the whole new file; `reason` says why it got no docstring, or is "".

    `examples` stand in the docstring and were executed there as doctests; `unfounded` are names that the model
    mentioned and that the code does not have (what it said with them was left out). `types` are annotations that were
    added, as (parameter or "return", type); `types_by` says what they are known from.
    """

    name: str
    text: str
    docstring: str = ""
    examples: int = 0
    reason: str = ""
    unfounded: tuple[str, ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    types_by: str = ""


@dataclass(frozen=True, slots=True)
class Documenter:
    """Documents the definitions of one file; with `tests`, types that they show are added."""

    session: Callable[[], Session]
    box: Box
    style: Style
    tests: OwnTests | None = None

    def __call__(self, subject: Subject, stage: Callable[[str], None]) -> Documented:
        """Write the docstring of a definition that has none. Raises ModelError when the engine fails."""
        typed = Documented(subject.name, subject.text)
        if self.tests is not None:
            stage(f"{subject.name}: types")
            typed = with_types(self.box, self.tests, subject)
        if ast.get_docstring(subject.node, clean=False) is not None:
            return replace(typed, reason="it has a docstring")
        return self._described(again(subject, typed.text), typed, stage)

    def _described(self, subject: Subject, typed: Documented, stage: Callable[[str], None]) -> Documented:
        stage(f"{subject.name}: describing")
        session = self.session()
        said = describe(session, subject.span.text, subject.node)
        if said is None or not said.purpose:
            unfounded = said.unfounded if said else ()
            reason = f"it spoke of {unfounded[0]}, which is not there" if unfounded else UNSAID
            return replace(typed, reason=reason, unfounded=unfounded)
        stage(f"{subject.name}: examples")
        examples = executed(session, self.box, subject)
        for shown in (examples, ()):
            body = docstring(said, shown, self.style)
            text, number = inserted(subject, body), body.count(">>> ")
            if text and same_code(subject.text, text) and _hold(self.box, subject.name, text, number):
                return replace(typed, text=text, docstring=body, examples=number, unfounded=said.unfounded)
        return replace(typed, reason="it could not be put into the file safely", unfounded=said.unfounded)


def with_types(box: Box, tests: OwnTests, subject: Subject) -> Documented:
    """The definition with the types that its recorded calls agree on, where mypy has nothing against them."""
    nothing = Documented(subject.name, subject.text)
    given = tests.recorded(subject)
    new = annotated(subject, given, version_of(box))
    if not new.added or given is None or not same_code(subject.text, new.text, annotations=False):
        return nothing
    loads = [box.check(text, [], LOADING).loaded for text in (subject.text, new.text)]
    if loads[0] != loads[1]:
        return nothing
    agrees = objections(box, subject.text, new.text)
    if agrees:
        return replace(nothing, types_by=f"mypy objects: {agrees[0]}")
    mypy = "mypy has nothing against them" if agrees is not None else "mypy is not installed there"
    return replace(nothing, text=new.text, types=new.added, types_by=f"{counted(given.count)} in the tests; {mypy}")


def version_of(box: Box) -> tuple[int, int]:
    """The Python that runs the file."""
    major, minor = box.interpreter.version.split(".")[:2]
    return int(major), int(minor)


def counted(calls: int) -> str:
    """So many calls."""
    return f"{calls:,} call{'' if calls == 1 else 's'}"


def inserted(subject: Subject, body: str) -> str:
    """The file with a docstring at the head of the definition, "" where its body stands on the line of its head."""
    first = subject.node.body[0]
    start = start_of(first)
    lines = lines_of(subject.text)
    indent = lines[start - 1][: len(lines[start - 1]) - len(lines[start - 1].lstrip())]
    if start <= subject.node.lineno or lines[start - 1][: first.col_offset].strip():
        return ""
    ending = "\r\n" if lines[start - 1].endswith("\r\n") else "\n"
    raw = "r" if "\\" in body else ""
    whole = f"{raw}{QUOTE}{body}{QUOTE}" if "\n" not in body else f"{raw}{QUOTE}{body}\n{QUOTE}"
    code = textwrap.indent(whole, indent).replace("\n", ending) + ending
    at = head_end(subject)
    return "".join([*lines[:at], code, *lines[at:]])


def _hold(box: Box, name: str, text: str, number: int) -> bool:
    """Whether the docstring's examples pass as doctests of the new text."""
    if not number:
        return True
    check = DOCTEST.format(name=name, number=number)
    checked = box.check(text, [check], 10.0)
    return not checked.loaded and checked.passed == {0}
