from __future__ import annotations

import pytest

from reviewer.finding import Category, Finding, Location, Proof, Severity
from reviewer.verify.guidance import SEARCH, SHELL, SQL, YAML, guidance


def finding(rule: str, category: Category = Category.SECURITY) -> Finding:
    return Finding(rule, category, Severity.ERROR, Proof.TOOL, Location("a.py", 1, 1), "q", "m", ("s",))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("bandit/B602", SHELL),
        ("ruff/S602", SHELL),
        ("ruff/S608", SQL),
        ("bandit/B506", YAML),
        ("ruff/F821", ""),
        ("ruff/B602", SHELL),
        ("ruff/PLW0602", ""),
        ("bug/test-regression", ""),
        ("bandit/", ""),
        ("", ""),
    ],
)
def test_the_shape_of_a_fix_is_named_for_known_flaws(rule: str, said: str) -> None:
    assert guidance(finding(rule)) == said


def test_slow_searches_are_told_to_keep_a_set() -> None:
    assert guidance(finding("performance/list-search-in-loop", Category.PERFORMANCE)) == SEARCH
