from __future__ import annotations

from reviewer.behaviour.difference import Difference, Kind, differences
from reviewer.behaviour.looking import Seen, Sight

from .makes import ONE, TWO, seen, variant

RAISED = Sight(0, "raised", "KeyError", "m.py:3")
ID = "test_a.py::test_a"


def found(
    base: Seen, head: Seen, again: tuple[Seen, Seen] | None = None, noise: tuple[str, ...] = ()
) -> Difference | None:
    second = ({ID: again[0]}, {ID: again[1]}) if again else None
    made = differences({ID: variant()}, {ID: base}, {ID: head}, second, noise)
    return made[0] if made else None


def kind(base: Seen, head: Seen) -> Kind | None:
    made = found(base, head)
    return made.kind if made else None


def test_the_kinds() -> None:
    assert kind(seen(ONE), seen(TWO)) is Kind.VALUE
    assert kind(seen(ONE), seen(RAISED)) is Kind.RAISES
    assert kind(seen(RAISED), seen(ONE)) is Kind.NO_LONGER_RAISES
    assert kind(seen(RAISED), seen(Sight(0, "raised", "TypeError", ""))) is Kind.OTHER_EXCEPTION
    assert kind(seen(ONE), seen(ONE, raised="KeyError")) is Kind.RAISES
    assert kind(seen(ONE), seen(raised="late", end="failed in call")) is Kind.HANGS
    assert kind(seen(), seen(raised="killed", end="killed")) is Kind.HANGS


def test_no_difference() -> None:
    assert found(seen(ONE), seen(ONE)) is None
    assert found(seen(RAISED), seen(Sight(0, "raised", "KeyError", "m.py:9"))) is None
    assert found(seen(ONE, raised="KeyError"), seen(ONE)) is None
    assert found(seen(ONE), seen(TWO, end="skipped")) is None
    assert found(seen(raised="late"), seen(TWO)) is None
    assert found(seen(ONE), seen(Sight(1, "value", "2", "2"))) is None
    assert differences({ID: variant()}, {ID: seen(ONE)}, {}) == []


def test_what_is_seen_twice_in_one_place_cannot_be_asserted() -> None:
    assert found(seen(ONE, ONE), seen(ONE, TWO)) is None


def test_what_a_side_does_not_repeat_is_no_difference() -> None:
    assert found(seen(ONE), seen(TWO), (seen(ONE), seen(TWO))) is not None
    assert found(seen(ONE), seen(TWO), (seen(ONE), seen(ONE))) is None
    assert found(seen(ONE), seen(TWO), (seen(TWO), seen(TWO))) is None
    assert found(seen(ONE), seen(ONE, raised="A"), (seen(ONE), seen(ONE, raised="B"))) is None


def test_known_noise_is_passed_over() -> None:
    made = found(seen(ONE), seen(TWO))
    assert made is not None
    assert made.place == "test_a.py::test_a: f(_)"
    assert found(seen(ONE), seen(TWO), noise=(made.place,)) is None


def test_the_best_comes_first() -> None:
    variants = {
        "guessed": variant(known=False),
        "varied": variant(steps=2),
        "untyped": variant(steps=1, typed=False),
        "promised": variant(wanted="1"),
        "plain": variant(),
    }
    sides = dict.fromkeys(variants, seen(ONE)), dict.fromkeys(variants, seen(TWO))
    order = [d.node_id for d in differences(variants, *sides)]
    assert order == ["promised", "plain", "varied", "untyped", "guessed"]


def test_of_guessed_input_another_value_tells_more_than_an_exception() -> None:
    variants = {"raises": variant(known=False), "value": variant(known=False)}
    heads = {"raises": seen(RAISED), "value": seen(TWO)}
    order = [d.node_id for d in differences(variants, dict.fromkeys(variants, seen(ONE)), heads)]
    assert order == ["value", "raises"]
    known = {"value": variant(), "raises": variant()}
    order = [d.node_id for d in differences(known, dict.fromkeys(known, seen(ONE)), heads)]
    assert order == ["raises", "value"]


def test_only_the_base_s_value_itself_keeps_a_promise() -> None:
    for text, form, expected in (("1", "{}", True), ("2", "{}", False), ("1", "repr({})", False)):
        sides = {ID: seen(Sight(0, "value", text, text, form))}, {ID: seen(Sight(0, "value", "9", "9"))}
        (made,) = differences({ID: variant(wanted="1")}, *sides)
        assert made.contradicts is expected
