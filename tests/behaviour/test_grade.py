from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.behaviour.difference import Difference, Kind
from reviewer.behaviour.grade import grade, worth_showing
from reviewer.behaviour.looking import Sight
from reviewer.finding import Proof, Severity

from .makes import ONE, difference, proved

CODE = "def f(n):\n    return 1 / n\n\n\ndef g(n):\n    raise KeyError(n)\n"
ACCIDENT, PURPOSE = Sight(0, "raised", "ZeroDivisionError", "m.py:2"), Sight(0, "raised", "KeyError", "m.py:6")
ELSEWHERE = Sight(0, "raised", "KeyError", "other.py:2")


@pytest.fixture
def head(tmp_path: Path) -> Path:
    (tmp_path / "m.py").write_text(CODE)
    (tmp_path / "other.py").write_text(CODE)
    return tmp_path


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        (difference(), "behaviour-changed"),
        (difference(wanted="1"), "contradicts-documentation"),
        (difference(wanted="1", promise="lost-round-trip"), "lost-round-trip"),
        (difference(wanted="1", steps=1), "behaviour-changed"),
        (difference(Kind.HANGS, None, None), "hangs"),
        (difference(Kind.HANGS, None, None, steps=2), "hangs"),
        (difference(Kind.HANGS, None, None, typed=False), "behaviour-changed"),
        (difference(Kind.HANGS, None, None, known=False), "behaviour-changed"),
        (difference(Kind.RAISES, ONE, ACCIDENT), "new-exception"),
        (difference(Kind.RAISES, None, None), "new-exception"),
        (difference(Kind.RAISES, ONE, ACCIDENT, steps=1), "behaviour-changed"),
        (difference(Kind.RAISES, ONE, ACCIDENT, known=False), "behaviour-changed"),
        (difference(Kind.RAISES, ONE, PURPOSE), "behaviour-changed"),
        (difference(Kind.RAISES, ONE, ELSEWHERE), "behaviour-changed"),
        (difference(Kind.NO_LONGER_RAISES, ACCIDENT, ONE), "behaviour-changed"),
    ],
)
def test_what_is_grave(found: Difference, rule: str, head: Path) -> None:
    made = grade(found, {"m.py"}, head, expected=False)
    assert made.rule == rule
    assert made.grave == (rule != "behaviour-changed") == (made.proof is Proof.REPRODUCED)
    assert (made.severity is Severity.ERROR) == made.grave
    assert not grade(found, {"m.py"}, head, expected=True).grave


def test_what_a_fix_does_is_not_worth_showing(head: Path) -> None:
    assert worth_showing(proved(difference()), head, head)
    assert worth_showing(proved(difference(Kind.NO_LONGER_RAISES, PURPOSE, ONE)), head, head)
    assert not worth_showing(proved(difference(Kind.NO_LONGER_RAISES, ACCIDENT, ONE)), head, head)
    assert worth_showing(proved(difference(Kind.OTHER_EXCEPTION, PURPOSE, ACCIDENT)), head, head)
    assert worth_showing(proved(difference(Kind.OTHER_EXCEPTION, ACCIDENT, ACCIDENT)), head, head)
    assert not worth_showing(proved(difference(Kind.OTHER_EXCEPTION, ACCIDENT, PURPOSE)), head, head)


REFUSED = Sight(0, "raised", "TypeError", "m.py:2")


@pytest.mark.parametrize(
    ("body", "known", "other", "shown"),
    [
        ("assert _f('a') == 1", False, REFUSED, False),
        ("assert _f('a') == 1", True, REFUSED, True),
        ("assert f('a') == 1", False, REFUSED, True),
        ("assert _f('a') == 1", False, Sight(0, "value", "2", "2"), True),
    ],
)
def test_a_guessed_call_of_what_is_private_that_one_side_refuses_is_not(
    head: Path, body: str, known: bool, other: Sight, shown: bool
) -> None:
    kind = Kind.RAISES if other is REFUSED else Kind.VALUE
    assert worth_showing(proved(difference(kind, ONE, other, body=body, known=known)), head, head) is shown
