"""Explain a unit and list its defects, in one request: the unit is read once, and saying what it does comes first.

Where a defect is proved already, the model is asked to explain only: its guesses would add nothing.

The reply is JSON under a schema, so it always parses. The model quotes a line; code looks the number up: a quote that
is not in the unit, or not on a changed line, is rejected and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..change.change import Unit
from ..finding import Category, Finding, Location, Proof, Severity
from ..foreign import from_json
from ..llm.base import Request
from .names import contradicted, unfounded
from .prompt import one_line, shown
from .session import SYSTEM, Session

SHARED = (
    "Below is one piece of a program before and after a change. First say in one short sentence what the change does. "
    "Then list the real defects of the new code: bugs, security holes, needless slowness. "
    "Copy the exact line and say in one sentence what goes wrong. "
    "Most changes have no defect: then leave the list empty.\n\n"
)
# Characters; an answer that has so many was cut, most likely within a sentence.
LONGEST_CHANGE, LONGEST_PROBLEM = 200, 160
SEVERITIES = {
    Category.BUG: Severity.WARNING,
    Category.SECURITY: Severity.WARNING,
    Category.PERFORMANCE: Severity.NOTE,
}
CATEGORIES = tuple(str(category) for category in SEVERITIES)
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "change": {"type": "string", "maxLength": LONGEST_CHANGE},
        "defects": {
            "type": "array",
            "maxItems": 2,
            "items": {
                "type": "object",
                "properties": {
                    "category": {"enum": list(CATEGORIES)},
                    "line": {"type": "string", "maxLength": 160},
                    "problem": {"type": "string", "maxLength": LONGEST_PROBLEM},
                },
                "required": ["category", "line", "problem"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["change", "defects"],
    "additionalProperties": False,
}
EXPLAIN_SHARED = (
    "Below is one piece of a program before and after a change. Say in one short sentence what the change does.\n\n"
)
EXPLAIN_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"change": {"type": "string", "maxLength": LONGEST_CHANGE}},
    "required": ["change"],
    "additionalProperties": False,
}
CONFIDENCE = 0.3
CONTRADICTED = "says that something was added or removed which was not"
UNFOUNDED = "names what is not in the code"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the model said of a unit: a sentence, the claims that could be placed, and why others were rejected.

    A sentence that names code which is not there is rejected too, and "".
    `unread`: why nothing of the answer could be used, "" where it was read.
    """

    explanation: str
    findings: tuple[Finding, ...]
    rejected: Mapping[str, int]
    unread: str = ""


def assess(session: Session, unit: Unit, find: bool = True, known: Sequence[str] = ()) -> Assessment:
    """Ask about one unit; `find`: for defects too. Raises ModelError when the engine fails.

    `known` are clauses on what differs: without them a small model tells what the code does as if that were the change.
    """
    prompt = shown(unit) + (f"What differs: {'; '.join(known)}.\n" if known else "")
    shared, schema, limit = (SHARED, SCHEMA, 300) if find else (EXPLAIN_SHARED, EXPLAIN_SCHEMA, 80)
    request = Request(SYSTEM, shared, prompt, schema=schema, max_tokens=limit)
    return parse(session.ask(request).samples[0].text, unit)


def parse(reply: str, unit: Unit) -> Assessment:
    """Read a reply; one that was cut, or is not what the schema asked for, gives one that is `unread`."""
    try:
        data = from_json(reply)
    except ValueError:
        return Assessment("", (), {}, "the model's answer was cut" if reply else "the model gave no answer")
    if not isinstance(data, dict):
        return Assessment("", (), {}, "the model's answer was none")
    claims = data.get("defects")
    rejected: Counter[str] = Counter()
    found = []
    for claim in claims if isinstance(claims, list) else []:
        outcome = _finding(claim, unit)
        if isinstance(outcome, Finding):
            found.append(outcome)
        else:
            rejected[outcome] += 1
    explanation = one_line(str(data.get("change", "")), LONGEST_CHANGE - 1)
    base, head = (span.text if span else "" for span in (unit.base, unit.head))
    if why := _untrue(explanation, unit.label, base, head):
        explanation = ""
        rejected[why] += 1
    return Assessment(explanation, tuple(found), dict(rejected))


def _untrue(explanation: str, label: str, base: str, head: str) -> str:
    """Why an explanation is not to be believed, or ""."""
    if unfounded(explanation, label, base, head):
        return UNFOUNDED
    return CONTRADICTED if contradicted(explanation, base, head) else ""


def _finding(claim: object, unit: Unit) -> Finding | str:
    """The claim as a finding, or the reason why it is rejected."""
    if not isinstance(claim, dict) or claim.get("category") not in CATEGORIES:
        return "no known category"
    category, problem = Category(claim["category"]), one_line(str(claim.get("problem", "")), LONGEST_PROBLEM - 1)
    lines = locate(str(claim.get("line", "")), unit)
    if not problem or not lines:
        return "quote not in the unit"
    line = next((n for n in lines if n in unit.changed), None)
    if line is None:
        return "not on a changed line"
    return Finding(
        rule_id=f"{category}/model",
        category=category,
        severity=SEVERITIES[category],
        proof=Proof.MODEL,
        location=Location(unit.path, line, line),
        quote=_line(unit, line),
        message=problem,
        sources=("model",),
        unit=unit.name,
        confidence=CONFIDENCE,
    )


def locate(quote: str, unit: Unit) -> tuple[int, ...]:
    """The head's line numbers whose text, white space aside, is the first line of the quote."""
    wanted = "".join(quote.strip().split("\n")[0].split())
    if unit.head is None or not wanted:
        return ()
    lines = unit.head.text.split("\n")
    return tuple(unit.head.start + i for i, line in enumerate(lines) if "".join(line.split()) == wanted)


def _line(unit: Unit, number: int) -> str:
    return unit.head.text.split("\n")[number - unit.head.start] if unit.head else ""
