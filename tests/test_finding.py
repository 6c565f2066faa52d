from __future__ import annotations

from dataclasses import replace

import pytest

from reviewer.finding import Category, Finding, Location, Proof, Severity

FINDING = Finding(
    "ruff/F821", Category.BUG, Severity.ERROR, Proof.TOOL, Location("a.py", 3, 3), "    x = y", "m", ("ruff",), "f"
)


@pytest.mark.parametrize(
    "other",
    [
        replace(FINDING, location=Location("a.py", 30, 31)),
        replace(FINDING, quote="\tx  =  y "),
        replace(FINDING, message="other words", severity=Severity.NOTE, blocking=True, confidence=0.1),
        replace(FINDING, explanation="prose"),
    ],
)
def test_the_fingerprint_survives_moved_lines_white_space_and_words(other: Finding) -> None:
    assert other.fingerprint == FINDING.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        replace(FINDING, location=Location("b.py", 3, 3)),
        replace(FINDING, unit="g"),
        replace(FINDING, rule_id="ruff/F822"),
        replace(FINDING, quote="    x = z"),
        replace(FINDING, location=Location("a.py\0f", 3, 3), unit=""),
    ],
)
def test_the_fingerprint_differs_by_path_unit_rule_and_quote(other: Finding) -> None:
    assert other.fingerprint != FINDING.fingerprint


def test_the_fingerprint_is_16_hex_digits_for_any_path() -> None:
    odd = replace(FINDING, location=Location("\udcff.py", 1, 1))
    assert len(odd.fingerprint) == 16
    assert int(odd.fingerprint, 16) >= 0


def test_words_alone_do_not_make_two_findings_differ() -> None:
    assert replace(FINDING, explanation="prose") == FINDING


def test_the_worst_and_the_strongest_come_first() -> None:
    assert sorted(Severity, key=lambda s: s.rank) == [Severity.ERROR, Severity.WARNING, Severity.NOTE]
    assert sorted(Proof, key=lambda p: p.rank) == [Proof.REPRODUCED, Proof.TOOL, Proof.MODEL]
