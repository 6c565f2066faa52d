"""What another reviewer said, as the JSON report, version 1, that the judge reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass

URL, MODEL = "BENCH_MODEL_URL", "BENCH_MODEL_NAME"
UNSORTED = "unsorted"
"""The category of a remark whose author does not say of what kind it is: the judge lets it count as either."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark on lines of the staged version; `category` is a report's, or UNSORTED."""

    path: str
    start: int
    end: int
    category: str
    message: str
    severity: str = "warning"
    rule: str = "remark"


def report(tool: str, remarks: Iterable[Remark], tokens: tuple[int, int] = (0, 0), *, complete: bool = True) -> str:
    """The report as text; `tokens` are those of the prompts and of the answers."""
    receipt = {
        "model": {"provider": "openai", "name": os.environ.get(MODEL, "")},
        "tokens": {"prompt": tokens[0], "completion": tokens[1]},
    }
    findings = [_finding(remark) for remark in remarks]
    return json.dumps(
        {"version": 1, "tool": {"name": tool}, "complete": complete, "findings": findings, "receipt": receipt}
    )


def _finding(remark: Remark) -> dict[str, object]:
    return {
        "rule_id": remark.rule,
        "path": remark.path,
        "start_line": remark.start,
        "end_line": max(remark.start, remark.end),
        "side": "head",
        "category": remark.category,
        "severity": remark.severity,
        "proof": "model",
        "blocking": False,
        "message": remark.message,
    }


def number(value: object, otherwise: int = 1) -> int:
    """A line number as a model may write it: 3, "3", "3-5"; `otherwise` where there is none."""
    digits = "".join(c if c.isdigit() else " " for c in str(value)).split()
    return int(digits[0]) if digits and int(digits[0]) > 0 else otherwise
