"""reviewdog's diagnostic format (rdjson), with fixes where tests pass with them."""

from __future__ import annotations

import json
from typing import Any

from ..finding import Finding, Severity
from ..review import Review
from .base import clipped, on_head, plain_message
from .edits import Edit, edits, proven
from .sanitise import visible, well_formed

SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}
LENGTH = 4000


def render(review: Review) -> str:
    """The report as one JSON object in ASCII, ending in a new line."""
    diagnostics = [_diagnostic(finding) for finding in review.findings]
    return json.dumps({"source": {"name": "llm-review"}, "diagnostics": diagnostics}, indent=2) + "\n"


def _diagnostic(finding: Finding) -> dict[str, Any]:
    """A diagnostic with a fix stands at the fix's lines: reviewdog wants the two ranges to be one."""
    place, edit = finding.location, _edit(finding)
    location: dict[str, Any] = {"path": well_formed(place.path)}
    if edit:
        location["range"] = _lines(edit.start, edit.end)
    elif on_head(finding):
        location["range"] = _lines(place.start_line, place.end_line)
    made: dict[str, Any] = {
        "message": visible(clipped(plain_message(finding), LENGTH)),
        "location": location,
        "severity": SEVERITIES[finding.severity],
        "code": {"value": visible(finding.rule_id, lines=False)},
    }
    if edit:
        made["suggestions"] = [{"range": _lines(edit.start, edit.end), "text": well_formed(edit.text)}]
    return made


def _edit(finding: Finding) -> Edit | None:
    """The fix, where it is one edit of the finding's own file: several suggestions would be alternatives."""
    suggestion = proven(finding)
    found = edits(suggestion.patch) if suggestion else ()
    return found[0] if len(found) == 1 and found[0].path == finding.location.path else None


def _lines(start: int, end: int) -> dict[str, dict[str, int]]:
    """Whole lines, both included: positions without columns."""
    return {"start": {"line": start}, "end": {"line": end}}
