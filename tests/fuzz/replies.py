"""What a model may answer: every parser of `reviewer.tasks` gets the same reply, whatever was asked."""

from __future__ import annotations

import ast

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.finding import Category, Finding, Location, Proof, Severity
from reviewer.llm.base import OnText, Reply, Request, Sample
from reviewer.review import Explanation, ModelInfo, Usage
from reviewer.tasks import anew, assess, describe, fix, mend, optimise, prose, write
from reviewer.tasks.session import Session

KEYS = [
    "change",
    "defects",
    "category",
    "line",
    "problem",
    "purpose",
    "parameters",
    "returns",
    "raises",
    "effects",
    "a",
]
SOURCE = 'def f(a, b=1):\n    """Adds."""\n    if a:\n        raise ValueError(a)\n    return a + b\n'
UNIT = Unit("m.py", "f", UnitKind.FUNCTION, Span(1, 5, SOURCE), Span(1, 5, SOURCE), frozenset({4, 5}))
NODE = ast.parse(SOURCE).body[0]


class Parrot:
    """A model that answers everything with the same text."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("fake", "parrot")

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        return Reply((Sample(self.text, "stop"),) * request.samples, Usage(), 0.0)

    def close(self) -> None:
        pass


def check_reply(reply: str) -> None:
    """No reply breaks a parser; a finding is on a changed line, in words that are one line."""
    session = Session(Parrot(reply))
    said = assess.assess(session, UNIT)
    assert all(f.location.start_line in UNIT.changed and f.proof is Proof.MODEL for f in said.findings)
    assert "\n" not in said.explanation + "".join(f.message for f in said.findings)
    assert isinstance(NODE, describe.Definition)
    describe.describe(session, SOURCE, NODE, deep=True)
    for arguments in optimise.example_calls(session, SOURCE, "f"):
        ast.literal_eval(arguments)
    list(optimise.rewritten(session, SOURCE, 2, optimise.Aim.FASTER))
    for text in write.samples(session, write.Wish("an f", "def f(a, b=1):"), 2):
        ast.parse(text)
    for text in write.assertions(session, write.Wish("an f", "def f(a, b=1):")):
        ast.parse(text)
    write.signature_of(reply, reply)
    anew.versions(session, SOURCE, 2)
    list(fix.proposals(session, UNIT, fix.Defect("wrong", ("f(1) == 2",), executed=True), 8, lambda code: code))
    fix.outline(reply)
    mend.repaired(session, SOURCE, reply)
    mend.why(session, SOURCE, reply)
    place = Location("m.py", 5, 5)
    found = Finding("bug/x", Category.BUG, Severity.ERROR, Proof.TOOL, place, "return a + b", reply, ("ruff",))
    for words in (
        prose.explain_finding(session, found, UNIT),
        prose.summarise(session, (Explanation("m.py", "f", reply),) * 2),
    ):
        assert "\n" not in words
