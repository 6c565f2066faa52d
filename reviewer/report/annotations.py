"""GitHub's workflow commands: a line of the log that becomes an annotation in the pull request.

GitHub shows ten of each kind for a step; what is more is counted in words instead of being lost.
"""

from __future__ import annotations

from collections import Counter

from ..finding import Finding, Severity
from ..review import Review
from .base import clipped, counted, headline, missing, on_head, plain_message
from .sanitise import visible

KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
MOST = 10
LENGTH = 4000


def render(review: Review) -> str:
    """One command for each finding that GitHub will show, one notice for the rest, and the answer as plain text."""
    room = Counter({"error": MOST, "warning": MOST, "notice": MOST - 1})
    lines, left = [], 0
    for finding in review.findings:
        kind = KINDS[finding.severity]
        room[kind] -= 1
        if room[kind] < 0:
            left += 1
        else:
            lines.append(_annotation(kind, finding))
    rest = [f"{counted(left, 'more finding')} in the report"] if left else []
    rest += [f"not done: {skipped.what}: {skipped.reason}" for skipped in missing(review)]
    if rest:
        lines.append("::notice title=llm-review::" + _data("\n".join(rest)))
    return "\n".join([*lines, _plain(headline(review))]) + "\n"


def _annotation(kind: str, finding: Finding) -> str:
    place = finding.location
    properties = {"file": visible(place.path)}
    if on_head(finding):
        properties |= {"line": str(place.start_line), "endLine": str(place.end_line)}
    properties["title"] = visible(f"llm-review: {finding.rule_id}", lines=False)
    words = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {words}::{_data(plain_message(finding))}"


def _data(text: str) -> str:
    return _escaped(visible(clipped(text, LENGTH)))


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _plain(text: str) -> str:
    """A line of the log that is no command."""
    return visible(text, lines=False)
