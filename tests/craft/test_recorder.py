from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from reviewer.craft.recorder import Recorder, kind, literal


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (1, "int"), (True, "bool"), (None, "None"), ([], "list[]"), ([1, 2], "list[int]"), ([1, "a"], "?"),
        ({"a": [1]}, "dict[str, list[int]]"), ((1, "a"), "tuple[int, str]"), ({1}, "set[int]"), (Path(), "?"),
        ([[[[1]]]], "list[list[list[?]]]"), (list(range(999)), "?"),
    ],
)  # fmt: skip
def test_a_type_is_written_as_an_annotation(value: Any, name: str) -> None:
    assert kind(value) == name


def test_only_what_can_be_given_again_is_a_literal() -> None:
    assert literal((1, [None])) == "(1, [None])"
    assert literal((Path(),)) == literal(("a" * 3000,)) == ""


def test_none_is_given_back_only_where_it_is_returned() -> None:
    def fails(x: int) -> None:
        if x:
            raise KeyError

    recorder, frame = Recorder(__file__), inspect.currentframe()
    assert frame is not None
    import sys

    sys.setprofile(recorder)
    try:
        fails(0)
        fails(1)
    except KeyError:
        pass
    finally:
        sys.setprofile(None)
    (one,) = (o for o in recorder.found.values() if o["name"] == "fails")
    assert (one["count"], one["returned"], list(one["calls"])) == (2, {"None": 1}, ["(0,)", "(1,)"])
