"""GitLab's Code Quality report: a list of issues with fingerprints that are unique within it."""

from __future__ import annotations

import json

from ..finding import Finding, Severity
from ..review import Review
from .base import clipped, on_head, plain_message, unique_ids
from .sanitise import visible, well_formed

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}
BLOCKING = "blocker"
LENGTH = 2000


def render(review: Review) -> str:
    """The report as a JSON list in ASCII, ending in a new line."""
    ids = unique_ids(review.findings)
    return json.dumps([_issue(f, mark) for f, mark in zip(review.findings, ids, strict=True)], indent=2) + "\n"


def _issue(finding: Finding, mark: str) -> dict[str, object]:
    place = finding.location
    first = place.start_line if on_head(finding) else 1
    return {
        "type": "issue",
        "check_name": visible(finding.rule_id, lines=False),
        "description": visible(clipped(plain_message(finding), LENGTH), lines=False),
        "categories": [finding.category.value.capitalize()],
        "severity": BLOCKING if finding.blocking else SEVERITIES[finding.severity],
        "fingerprint": mark,
        "location": {
            "path": well_formed(place.path),
            "lines": {"begin": first, "end": max(first, place.end_line) if on_head(finding) else first},
        },
    }
