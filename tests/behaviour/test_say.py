from __future__ import annotations

from dataclasses import replace

import pytest

from reviewer.behaviour.difference import Difference, Kind
from reviewer.behaviour.looking import Sight
from reviewer.behaviour.say import message_of

from .makes import ONE, difference

BOX = Sight(1, "value", "Bag()", "{2}", "set({})")
LONG = "x" * 500


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (difference(), "`f(1)` gave 1, now 2"),
        (difference(body="x = f(1)"), "`f(1)` gave 1, now 2"),
        (difference(Kind.RAISES, ONE, Sight(0, "raised", "KeyError", "")), "`f(1)` gave 1, now raised KeyError"),
        (difference(other=Sight(0, "value", "Box", "'a box'", "repr({})")), "`f(1)` gave 1, now a box"),
        (difference(other=Sight(0, "value", "Box(1)", "{}", "dict({})")), "`f(1)` gave 1, now Box(1)"),
        (difference(other=Sight(0, "value", "0.5", "")), "`f(1)` gave 1, now 0.5"),
        (
            difference(sight=BOX, other=replace(BOX, literal="{1}"), body="x = f(1)\n    assert x"),
            "`set(x)` gave {2}, now {1}",
        ),
        (difference(Kind.RAISES, None, None), "`f(1)` now raises KeyError, and did not before"),
        (difference(Kind.HANGS, None, None), "`f(1)` does not end any more"),
    ],
)
def test_what_was_and_what_is(found: Difference, said: str) -> None:
    assert message_of(found) == said


def test_long_values_are_clipped() -> None:
    assert len(message_of(difference(other=Sight(0, "value", LONG, LONG)))) < 200
