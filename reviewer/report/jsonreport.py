"""The JSON report, version 1: for other tools, and complete. Keys are added, never renamed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from enum import Enum
from typing import Any

from .. import __version__
from ..finding import Counts, Finding
from ..review import Receipt, Review, TestReport
from .sanitise import well_formed

VERSION = 1


def render(review: Review) -> str:
    """The report as one JSON object in ASCII (so that no sink can be harmed by it), ending in a new line.

    Lone surrogates, as file names that are not UTF-8 have them, are written as text ("\\udcff").
    """
    return json.dumps(_clean(document(review)), indent=2).replace("\x7f", "\\u007f") + "\n"


def document(review: Review) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "version": VERSION,
        "tool": {"name": "llm-review", "version": __version__},
        "base": review.base,
        "head": review.head,
        "complete": review.complete,
        "interrupted": review.interrupted,
        "exit_code": int(review.exit_code),
        "summary": review.summary,
        "explanations": [asdict(explanation) for explanation in review.explanations],
        "findings": [_finding(finding) for finding in review.findings],
        "tests": _tests(review.tests),
        "skipped": [asdict(skipped) for skipped in review.skipped],
        "receipt": _receipt(review.receipt),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.location
    return {
        "id": finding.fingerprint,
        "rule_id": finding.rule_id,
        "category": finding.category,
        "severity": finding.severity,
        "proof": finding.proof,
        "blocking": finding.blocking,
        "confidence": finding.confidence,
        "path": place.path,
        "start_line": place.start_line,
        "end_line": place.end_line,
        "side": place.side,
        "unit": finding.unit,
        "quote": finding.quote,
        "message": finding.message,
        "explanation": finding.explanation,
        "source": finding.sources[0] if finding.sources else "",
        "sources": list(finding.sources),
        "reproducer": asdict(finding.reproducer) if finding.reproducer else None,
        "suggestion": asdict(finding.suggestion) if finding.suggestion else None,
    }


def _counts(counts: Counts | None) -> dict[str, int] | None:
    return asdict(counts) if counts else None


def _tests(tests: TestReport) -> dict[str, Any]:
    return {
        "selected": list(tests.selected),
        "base": _counts(tests.base),
        "head": _counts(tests.head),
        "canary": tests.canary,
    }


def _receipt(receipt: Receipt) -> dict[str, Any]:
    usage = receipt.usage
    return {
        "files": list(receipt.files),
        "units": list(receipt.units),
        "commands": [asdict(command) for command in receipt.commands],
        "interpreter": receipt.interpreter,
        "model": asdict(receipt.model) if receipt.model else None,
        "tokens": {"prompt": usage.prompt, "cached": usage.cached, "completion": usage.completion},
        "cost": round(usage.cost, 6),
        "cache": {
            "hit_rate": round(usage.cached / usage.prompt, 3) if usage.prompt else 0.0,
            "requests": usage.requests,
            "kept_answers": usage.hits,
        },
        "rejected": dict(receipt.rejected),
        "isolation": dict(receipt.isolation),
        "made": receipt.made,
        "seconds": {"total": receipt.seconds, "stages": dict(receipt.stages)},
    }


def _clean(value: Any) -> Any:
    """The same values with every string fit for UTF-8."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, Mapping):
        return {well_formed(str(key)): _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value
