from __future__ import annotations

import ast

from reviewer.behaviour.probe import leading_to, looks_at, probes_of, with_step
from reviewer.behaviour.values import Vocabulary

from .conftest import function_of

TEST = function_of("def test_a(given):\n    box = Box()\n    assert box")


def calls(*names: str, **parameters: tuple[str, ...]) -> list[str]:
    return list(probes_of(TEST, Vocabulary(probes=names, parameters=parameters, texts=("w",))))


def test_methods_on_what_the_test_binds_and_is_given() -> None:
    assert {"box.size()", "given.size()"} <= set(calls("size"))
    assert "box.size(0)" not in calls("size")
    assert {"box.size(0)", "box.size('w')"} & set(calls("size", size=("n",)))


def test_objects_and_what_may_be_a_property_are_looked_at() -> None:
    words = Vocabulary(probes=("__len__", "size", "third"))
    assert looks_at(TEST, words) == ["box", "given", "box.size", "given.size"]


def test_what_python_calls_itself() -> None:
    assert "len(box)" in calls("__len__")
    assert "(box) < (given)" in calls("__lt__")
    assert "'a' in box" in calls("__contains__")
    assert "box[1:3]" in calls("__getitem__")
    assert calls("__enter__") == []


def test_the_step_stands_at_the_end_of_a_copy() -> None:
    made = with_step(TEST, "box.size()")
    assert ast.unparse(made.body[-1]) == "assert box.size()"
    assert len(TEST.body) == 2


def test_private_helpers_are_reached_through_public_callers() -> None:
    source = "def _deep(): ...\ndef _mid(): _deep()\ndef top(): _mid()\ndef other(): ...\n"
    source += "class A:\n    def __init__(self): _deep()"
    assert leading_to(("_deep",), source) == ("top",)
    assert leading_to(("other",), source) == ("other",)
