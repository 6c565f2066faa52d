from __future__ import annotations

import ast

import pytest

from reviewer.behaviour.roundtrip import round_trips
from reviewer.behaviour.values import Vocabulary

from .conftest import function_of

FUNCTIONS = {
    name: function_of(f"def {name}(text: str): ...")
    for name in ("encode", "decode", "to_hex", "from_hex", "parse", "lone")
}


@pytest.mark.parametrize(
    ("name", "steps"), [("encode", "decode(encode("), ("decode", "decode(encode("), ("from_hex", "from_hex(to_hex(")]
)
def test_what_goes_in_must_come_out(name: str, steps: str) -> None:
    trips = list(round_trips(name, FUNCTIONS, Vocabulary()))
    assert trips
    for trip in trips:
        text = ast.unparse(trip.function.body[0])
        assert text == f"assert {steps}{trip.wanted}))"


@pytest.mark.parametrize("name", ["parse", "lone", "total"])
def test_half_a_pair_promises_nothing(name: str) -> None:
    assert list(round_trips(name, FUNCTIONS, Vocabulary())) == []
