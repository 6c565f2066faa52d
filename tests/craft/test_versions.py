from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.craft.subject import Subject, subjects
from reviewer.craft.versions import hints, of_rules, placed

TEXT = '''import re


def f(xs: list[int], k: int = 2) -> int:
    """What it does."""
    total = 0
    for x in xs:
        total += x
    return total
'''


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    path = tmp_path / "x.py"
    path.write_text(TEXT)
    return subjects(str(path))[0]


def test_head_and_docstring_stay_where_the_version_has_the_same_parameters(subject: Subject) -> None:
    new = placed(subject, "def f(xs, k=2):\n    # at once\n    return sum(xs)\n")
    assert new == TEXT[: TEXT.index("    total = 0")] + "    # at once\n    return sum(xs)\n"


def test_another_signature_is_taken_as_it_is(subject: Subject) -> None:
    assert "def f(xs):\n    return sum(xs)" in (placed(subject, "def f(xs):\n    return sum(xs)\n") or "")


def test_an_import_comes_along(subject: Subject) -> None:
    new = placed(subject, "from math import fsum\n\ndef f(xs, k=2):\n    return fsum(xs)\n")
    assert new is not None
    assert new.startswith("import re\nfrom math import fsum\n")
    assert '"""What it does."""\n    return fsum(xs)' in new


def test_comments_are_not_lost_to_a_rule(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    code = "def f(a, b):\n    return [x for x in a if x in b]%s\n"
    for comment, number in (("", 1), ("  # why", 0)):
        path.write_text(code % comment)
        assert len(list(of_rules(subjects(str(path))[0]))) == number


def test_a_rule_s_code_is_in_the_usual_format(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text('def f(a):\n    text = ""\n    for x in a:\n        text += x + ","\n    return text\n')
    assert 'text.append(x + ",")' in next(of_rules(subjects(str(path))[0]))


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("for a in xs:\n        for b in xs:\n            pass", "inside another"),
        ("for a in xs:\n        if a in k:\n            pass", "membership"),
        ("for a in xs:\n        re.compile('x')", "compiled"),
        ("for a in xs:\n        sum(xs[:a])", "carry it on"),
        ("f(1) + f(2)", "calls itself"),
        ("kept = []\n    for a in xs:\n        kept.insert(0, a)", "deque"),
    ],
)
def test_what_is_slow_is_told(tmp_path: Path, body: str, word: str) -> None:
    path = tmp_path / "x.py"
    path.write_text(f"def f(xs, k):\n    {body}\n")
    assert word in " ".join(hints(subjects(str(path))[0]))
