from __future__ import annotations

import pytest

from reviewer.finding import Category, Finding, Location, Proof, Severity
from reviewer.levels import level_of, levelled


def finding(rule_id: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(rule_id, Category.SECURITY, severity, Proof.TOOL, Location("a.py", 1, 1), "q", "m", ("bandit",))


@pytest.mark.parametrize(
    ("levels", "wanted"),
    [
        ((), "error"),
        (("bandit/B602 = note",), "note"),
        (("bandit/* = off",), "off"),
        (("bandit/* = off", "bandit/B602=warning"), "warning"),
        (("bandit/B602=warning", "bandit/* = off"), "off"),
        (("bandit/B60 = off", "ruff/* = off"), "error"),
    ],
)
def test_the_last_line_that_fits_decides(levels: tuple[str, ...], wanted: str) -> None:
    assert level_of(finding("bandit/B602"), levels) == wanted


def test_what_is_off_is_counted_by_rule_and_harmless() -> None:
    found = [finding("bandit/B602"), finding("ruff/S101"), finding("bandit/B602"), finding("ruff/F821")]
    shown, off = levelled(found, ("bandit/* = off", "ruff/S* = off", "ruff/F821 = note"))
    assert [(f.rule_id, f.severity) for f in shown] == [("ruff/F821", Severity.NOTE)]
    assert [(s.what, s.harmless) for s in off] == [("2 of bandit/B602", True), ("1 of ruff/S101", True)]
