"""Short prose about what is already known: the change as a whole, and a finding that a tool or a test has proved.

Small models explain evidence far better than they find it, so the evidence is given and one sentence is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..change.change import Unit
from ..finding import Category, Finding, Verdict
from ..llm.base import Request
from ..review import Explanation
from .prompt import block, fits, prose, shown
from .session import SYSTEM, Session

SECURITY = (
    "In one sentence: which argument of the function could an attacker control, and what would a malicious value do?"
)
OTHER = "In one short sentence: what goes wrong here?"
SUMMARY = "These are the parts of one change to a program. Sum the change up in one or two sentences.\n\n"
SUMMARY_PARTS = 20
FAILURE_LIMIT = 800
CULPRIT_LIMIT = 300


def explain_finding(session: Session, finding: Finding, unit: Unit) -> str:
    """One sentence on a proved finding; "" when the model had nothing to say."""
    if unit.head is None:
        return ""
    question = SECURITY if finding.category is Category.SECURITY else OTHER
    code = block(unit.head.text) if fits(unit) else shown(unit)
    prompt = code + _evidence(finding) + question
    request = Request(SYSTEM, "", prompt, max_tokens=90, stop=("\n\n",))
    return prose(session.ask(request).samples[0])


def _evidence(finding: Finding) -> str:
    """What is known: the tool's words, or the failure and the line without which it is gone."""
    if finding.reproducer is None:
        return f"{finding.sources[0]} reports at the line `{finding.quote.strip()}`:\n{finding.message}\n"
    evidence = f"This test passed before the change and fails now:\n{finding.reproducer.output[-FAILURE_LIMIT:]}\n"
    if finding.suggestion and finding.suggestion.verdict is Verdict.VERIFIED:
        evidence += _culprit(finding.suggestion.patch)
    return evidence


def _culprit(patch: str) -> str:
    """In words, which small models read better than a diff: what the line was, and what it is."""
    lines = [line for line in patch.split("\n") if line[:3] not in {"---", "+++"}]
    now, before = ([line[1:].strip() for line in lines if line.startswith(sign)] for sign in "-+")
    if not now or not before:
        return ""
    was, is_ = " ".join(before)[:CULPRIT_LIMIT], " ".join(now)[:CULPRIT_LIMIT]
    return f"The cause is known: the code was `{was}` and the change made it `{is_}`, which is wrong.\n"


def summarise(session: Session, explanations: Sequence[Explanation]) -> str:
    """One or two sentences for the whole change; costs nothing when it has one part."""
    if len(explanations) < 2:
        return explanations[0].text if explanations else ""
    parts = "".join(f"- {e.name or e.path}: {e.text or e.told}\n" for e in explanations[:SUMMARY_PARTS])
    request = Request(SYSTEM, SUMMARY, parts, max_tokens=100, stop=("\n\n",))
    return prose(session.ask(request).samples[0], 400)
