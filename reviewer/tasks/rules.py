"""Hold new code against the rules of the house: plain words that no linter knows ("we never catch bare Exception").

The model quotes the line; code looks it up, and a quote that is not on a changed line is rejected. Then each claim must
stand a second question, alone with its rule: small models point at lines more readily than they defend it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..change.change import Unit
from ..finding import Category, Finding, Location, Proof, Severity
from ..llm.base import Request
from .assess import CONFIDENCE, locate
from .prompt import block, one_line
from .session import SYSTEM, Session

QUESTION = (
    "Below are the rules of a project and a piece of its code. List the lines of the code that break a rule: the "
    "number of the rule and an exact copy of the line. Most code breaks none: then leave the list empty.\n\n"
)
DOUBT = (
    "Below are a rule of a project and one line of its code, with the code around it. Does the line break the rule?\n\n"
)
ANSWER: Mapping[str, Any] = {
    "type": "object",
    "properties": {"breaks_the_rule": {"type": "boolean"}},
    "required": ["breaks_the_rule"],
    "additionalProperties": False,
}
MOST_RULES, RULE_LIMIT, CODE_LIMIT = 20, 200, 4_000
NEAR = 4


@dataclass(frozen=True, slots=True)
class Held:
    """The claims that stood both questions, and why others were rejected."""

    findings: tuple[Finding, ...]
    rejected: Mapping[str, int]


def hold(session: Session, unit: Unit, rules: Sequence[str]) -> Held:
    """Hold a unit's head against the first `MOST_RULES` rules. Raises ModelError when the engine fails."""
    known = [one_line(rule, RULE_LIMIT) for rule in rules[:MOST_RULES]]
    if not known or unit.head is None or len(unit.head.text) > CODE_LIMIT:
        return Held((), {})
    listed = "".join(f"{number}. {rule}\n" for number, rule in enumerate(known, 1))
    request = Request(
        SYSTEM, QUESTION, f"{listed}\n{block(unit.head.text)}", schema=_schema(len(known)), max_tokens=200
    )
    rejected: Counter[str] = Counter()
    found = []
    for rule, line in _placed(session.ask(request).samples[0].text, known, unit, rejected):
        if _stands(session, unit, rule, line):
            found.append(_finding(unit, rule, line))
        else:
            rejected["withdrawn when asked again"] += 1
    return Held(tuple(found), dict(rejected))


def _schema(rules: int) -> dict[str, Any]:
    one = {
        "type": "object",
        "properties": {"rule": {"enum": list(range(1, rules + 1))}, "line": {"type": "string", "maxLength": 160}},
        "required": ["rule", "line"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"broken": {"type": "array", "maxItems": 3, "items": one}},
        "required": ["broken"],
        "additionalProperties": False,
    }


def _placed(reply: str, rules: Sequence[str], unit: Unit, rejected: Counter[str]) -> Iterator[tuple[str, int]]:
    """The rule and the changed line of each claim, none twice."""
    try:
        claims = json.loads(reply)["broken"]
    except (ValueError, KeyError, TypeError, RecursionError):
        rejected["reply was cut"] += 1
        return
    seen = set[tuple[str, int]]()
    for claim in claims if isinstance(claims, list) else []:
        number = claim.get("rule") if isinstance(claim, dict) else None
        lines = locate(str(claim.get("line", "")), unit) if isinstance(claim, dict) else ()
        line = next((n for n in lines if n in unit.changed), None)
        if not isinstance(number, int) or not 1 <= number <= len(rules) or not lines:
            rejected["quote not in the unit"] += 1
        elif line is None:
            rejected["not on a changed line"] += 1
        elif (rules[number - 1], line) not in seen:
            seen.add((rules[number - 1], line))
            yield rules[number - 1], line


def _stands(session: Session, unit: Unit, rule: str, line: int) -> bool:
    lines = unit.head.text.split("\n") if unit.head else []
    at = line - (unit.head.start if unit.head else line)
    around = block("\n".join(lines[max(0, at - NEAR) : at + NEAR + 1]))
    prompt = f"Rule: {rule}\nLine: `{lines[at].strip()}`\n{around}"
    reply = session.ask(Request(SYSTEM, DOUBT, prompt, schema=ANSWER, max_tokens=20)).samples[0].text
    try:
        return bool(json.loads(reply) == {"breaks_the_rule": True})
    except (ValueError, RecursionError):
        return False


def _finding(unit: Unit, rule: str, line: int) -> Finding:
    quote = unit.head.text.split("\n")[line - unit.head.start] if unit.head else ""
    return Finding(
        rule_id="style/house-rule",
        category=Category.STYLE,
        severity=Severity.NOTE,
        proof=Proof.MODEL,
        location=Location(unit.path, line, line),
        quote=quote,
        message=f"may break a rule of this project: {rule}",
        sources=("model",),
        unit=unit.name,
        confidence=CONFIDENCE,
    )
