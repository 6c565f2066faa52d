from __future__ import annotations

import ast
import random

from reviewer.behaviour.steps import step_texts, steps_into
from reviewer.behaviour.values import Vocabulary

from .conftest import function_of

OTHERS = (
    "def test_x():\n    box.pop(2)\n    box.put('k', wide=True)\n    box.put(thing)\n    box._own(1)\n    other.far(1)"
)
TEST = "def test_a():\n    box = Box()\n    assert box.all() == []\n    print(box)\n    assert len(box) == 0"


def versions(*steps: str, most: int = 99) -> set[str]:
    """The bodies with one step put in, a space for each line break."""
    function = function_of(TEST)
    made = steps_into(function, Vocabulary(steps=steps), most, random.Random(0))
    assert not any(edit.typed for edit in made)
    assert all(isinstance(edit.new, ast.Module) and edit.new.body[1] is edit.old for edit in made)
    return {f"{ast.unparse(edit.new)}".replace("\n", " ") for edit in made if edit.new}


def test_the_calls_of_other_tests_are_made_on_this_object_before_it_is_looked_at() -> None:
    steps = step_texts((), ("pop", "put", "_own"), "", [OTHERS, "not python ("])
    assert steps == ("_it_.pop(2)", "_it_.put('k', wide=True)")
    assert versions(*steps) >= {"box.pop(2) assert box.all() == []", "box.pop(2) assert len(box) == 0"}
    assert len(versions(*steps, most=3)) <= 3


def test_items_are_set_where_that_leads_to_the_change_in_what_is_held_too() -> None:
    steps = step_texts(("__setitem__",), (), "", ())
    assert "_it_.__setitem__(list(_it_)[1], 1)" in steps
    assert "list(box.values())[0].__setitem__('new', 1) assert len(box) == 0" in versions(*steps, most=999)


def test_attributes_that_the_changed_lines_read_are_taken_away() -> None:
    assert step_texts((), (), "for h in self.headers: self.call(self._own)", ()) == ("setattr(_it_, 'headers', None)",)


def test_a_call_that_leads_to_the_change_sees_it_too() -> None:
    words = Vocabulary(steps=("_it_.pop()",), probes=("join",))
    function = function_of("def test_a():\n    box = Box()\n    out = box.join(1)\n    assert out")
    made = [ast.unparse(e.new) for e in steps_into(function, words, 99, random.Random(0)) if e.new]
    assert "box.pop()\nout = box.join(1)" in made
    assert "box.pop()\nassert out" in made


def test_nothing_is_put_into_a_test_that_asserts_nothing() -> None:
    function = function_of("def test_a():\n    box = Box()\n    box.run()")
    assert steps_into(function, Vocabulary(steps=("_it_.pop()",)), 9, random.Random(0)) == []
