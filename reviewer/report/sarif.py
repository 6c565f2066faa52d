"""SARIF 2.1.0, as GitHub's code scanning and editors read it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..finding import Category, Finding, Proof, Severity
from ..review import Review, Skipped
from .base import clipped, on_head, plain_message, unique_ids, verdict_words
from .edits import Edit, edits, proven
from .sanitise import visible, well_formed

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
PRECISIONS = {Proof.REPRODUCED: "very-high", Proof.TOOL: "high", Proof.MODEL: "low"}
SECURITY = {Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.NOTE: "2.0"}
MOST = 5000
LARGEST = 10_000_000
LENGTH = 2000
ROOT = "%SRCROOT%"
PROOFS = (
    "Reproduced: a test passes before the change and fails with it. Tool: a deterministic tool reports it on a changed"
    " line. Model: only a language model says so; it never blocks."
)
_PLACEHOLDER = re.compile(r"\{(\d+)\}")


def render(review: Review) -> str:
    """The report as one JSON object in ASCII; the least grave results are left out, and counted, where it is too large
    for GitHub (5,000 results, 10 MB compressed).
    """
    most = min(len(review.findings), MOST)
    while True:
        text = json.dumps(_log(review, most), indent=1) + "\n"
        if most == 0 or len(text) < LARGEST or len(gzip.compress(text.encode(), 1)) < LARGEST:
            return text
        most //= 2


def _log(review: Review, most: int) -> dict[str, Any]:
    findings = review.findings[:most]
    rules = _rules(findings)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    skipped = list(review.skipped)
    if left := len(review.findings) - most:
        skipped.append(Skipped("findings", f"{left:,} more are not in this file: it would be too large"))
    run = {
        "tool": {"driver": {"name": "llm-review", "version": __version__, "rules": rules}},
        "automationDetails": {"id": "llm-review/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not review.interrupted,
                "exitCode": int(review.exit_code),
                "toolExecutionNotifications": [_notification(one) for one in skipped],
            }
        ],
        "results": [_result(f, numbers, mark) for f, mark in zip(findings, unique_ids(findings), strict=True)],
        "properties": {"base": review.base, "head": review.head, "complete": review.complete},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """One rule for each id, as grave and as certain as the first of its findings, which come in that order."""
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.rule_id, finding)
    return [_rule(finding) for finding in first.values()]


def _rule(finding: Finding) -> dict[str, Any]:
    words = _message(finding.rule_id.partition("/")[2].replace("-", " ") or finding.rule_id)
    properties: dict[str, Any] = {"tags": [finding.category.value], "precision": PRECISIONS[finding.proof]}
    if finding.category is Category.SECURITY:
        properties["security-severity"] = SECURITY[finding.severity]
    return {
        "id": _line(finding.rule_id),
        "shortDescription": words,
        "fullDescription": words,
        "help": {"text": PROOFS},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": properties,
    }


def _result(finding: Finding, numbers: dict[str, int], mark: str) -> dict[str, Any]:
    rule = _line(finding.rule_id)
    made = {
        "ruleId": rule,
        "ruleIndex": numbers[rule],
        "level": LEVELS[finding.severity],
        "message": _message(plain_message(finding)),
        "locations": [{"physicalLocation": _place(finding)}],
        "partialFingerprints": {"llmReview/v1": mark, "primaryLocationLineHash": f"{mark}:1"},
        "rank": round(100 * finding.confidence, 1),
        "properties": {
            "proof": finding.proof.value,
            "blocking": finding.blocking,
            "sources": [_line(source) for source in finding.sources],
        },
    }
    if fix := proven(finding):
        words = _message(f"{fix.description} ({verdict_words(fix)})")
        made["fixes"] = [{"description": words, "artifactChanges": _changes(edits(fix.patch))}]
    return made


def _place(finding: Finding) -> dict[str, Any]:
    """A finding on the base has no line in the files that a reader of this report has."""
    place: dict[str, Any] = {"artifactLocation": _artifact(finding.location.path)}
    if on_head(finding):
        first = finding.location.start_line
        place["region"] = {"startLine": first, "endLine": max(first, finding.location.end_line)}
    return place


def _artifact(path: str) -> dict[str, str]:
    """A relative URI, with every character that could have a meaning there written as %XX."""
    uri = quote(path.encode("utf-8", "surrogateescape"), safe="/~")
    return {"uri": uri, "uriBaseId": ROOT}


def _changes(found: Iterable[Edit]) -> list[dict[str, Any]]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in found:
        text = well_formed("".join(f"{line}\n" for line in edit.lines))
        region = {"startLine": edit.start, "startColumn": 1, "endLine": edit.end + 1, "endColumn": 1}
        changes.setdefault(edit.path, []).append({"deletedRegion": region, "insertedContent": {"text": text}})
    return [{"artifactLocation": _artifact(path), "replacements": parts} for path, parts in changes.items()]


def _notification(skipped: Skipped) -> dict[str, Any]:
    level = "note" if skipped.harmless else "warning"
    return {"level": level, "message": _message(f"not done: {skipped.what}: {skipped.reason}")}


def _message(text: str) -> dict[str, str]:
    """A message in which nothing is a link or a placeholder."""
    shown = visible(clipped(text, LENGTH))
    if "](" in shown:
        shown = shown.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {"text": _PLACEHOLDER.sub(r"{{\1}}", shown)}


def _line(text: str) -> str:
    return visible(text, lines=False)
