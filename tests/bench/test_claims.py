from __future__ import annotations

import json
from typing import Any

import pytest
from casekit import BenchError
from claims import read_report

FINDING: dict[str, Any] = {
    "category": "bug",
    "proof": "model",
    "path": "a.py",
    "start_line": 3,
    "end_line": 5,
    "side": "base",
    "blocking": False,
    "reproducer": None,
    "suggestion": {"patch": "--- a", "verdict": "passes"},
}
REPORT: dict[str, Any] = {
    "version": 1,
    "tool": {"name": "llm-review", "version": "0.1"},
    "complete": True,
    "findings": [FINDING],
    "receipt": {"model": {"provider": "p", "name": "m", "sha256": "ab"}, "tokens": {"prompt": 7, "completion": 2}},
}


def test_a_report_is_read() -> None:
    report = read_report(json.dumps(REPORT))
    assert (report.tool, report.model, report.model_hash, report.tokens) == ("llm-review 0.1", "p m", "ab", 9)
    (claim,) = report.claims
    assert (claim.start, claim.end, claim.side, claim.patch, claim.verdict) == (3, 5, "base", "--- a", "passes")


def test_a_report_without_model_or_suggestion_is_read() -> None:
    report = read_report(
        json.dumps(REPORT | {"receipt": {"model": None}, "findings": [FINDING | {"suggestion": None}]})
    )
    assert (report.model, report.tokens, report.claims[0].verdict) == ("", 0, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "Traceback",
        json.dumps(REPORT | {"version": 2}),
        json.dumps({"version": 1}),
        json.dumps(REPORT | {"findings": [{"path": "a.py"}]}),
        json.dumps(REPORT | {"findings": [FINDING | {"start_line": None}]}),
        json.dumps(REPORT | {"findings": ["x"]}),
    ],
)
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(BenchError):
        read_report(text)
