from __future__ import annotations

import pytest
from groups import CATEGORIES, exact, named, related


def test_a_weakness_is_in_one_group() -> None:
    several = [weakness for group in CATEGORIES.values() for weakness in group]
    assert len(several) == len(set(several))


@pytest.mark.parametrize(
    ("rule", "message", "expected"),
    [
        ("bandit/B602", "shell=True (CWE-78)", (78,)),
        ("ruff/S608", "possible SQL injection", (89,)),
        ("ruff/S608", "possible SQL injection (CWE-943)", (943,)),
        ("ruff/S999", "unknown", ()),
        ("ruff/F401", "unused", ()),
    ],
)
def test_what_a_finding_names(rule: str, message: str, expected: tuple[int, ...]) -> None:
    assert named(rule, message) == expected


def test_related_is_wider_than_exact() -> None:
    assert exact(78, 77)
    assert not exact(78, 89)
    assert related(78, 89)
    assert not related(78, 327)
    assert not related(7, 8)
