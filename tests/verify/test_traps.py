from __future__ import annotations

import ast
import sys

import pytest

from reviewer.verify.traps import Place, armed, named, places, statement

SOURCE = '''"""A module."""
from __future__ import annotations
import os

LIMIT = 3
if os.name == "posix":
    FAST = True
elif os.name == "nt":
    FAST = False


def one(): return 1


class Group:
    """A class."""
    size = 2

    @property
    def two(self):
        """Says two."""
        # why
        return 2

    def three(self):
        """Nothing else."""


def outer():
    def inner():
        return 3

    return inner()
'''


def at(text: str) -> int:
    """The line on which a piece of the source stands."""
    return SOURCE[: SOURCE.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("def one", Place(at("def one"), 11, "one")),
        ("return 2", Place(at("return 2"), 8, "Group.two")),
        ("@property", Place(at("return 2"), 8, "Group.two")),
        ("def three", Place(at('"""Nothing'), 8, "Group.three")),
        ("return 3", Place(at("return 3"), 8, "outer.inner")),
        ("return inner", Place(at("def inner"), 4, "outer")),
        ("LIMIT", Place(at("LIMIT"), 0)),
        ("FAST = False", Place(at("FAST = False"), 4)),
        ("size = 2", Place(at("size = 2"), 4)),
    ],
)
def test_a_changed_line_is_trapped_in_the_innermost_function_or_statement(text: str, place: Place) -> None:
    assert places(SOURCE, {at(text)}) == (place,)


@pytest.mark.parametrize("text", ["# why", '"""Says two', '"""A module', "from __future__", "elif"])
def test_what_does_not_run_or_cannot_be_preceded_has_no_trap(text: str) -> None:
    assert places(SOURCE, {at(text)}) == ()


def test_functions_come_before_what_is_outside_of_them() -> None:
    assert [p.name for p in places(SOURCE, {at("LIMIT"), at("return 2"), at("def one")})] == ["one", "Group.two"]


def test_what_does_not_parse_has_no_trap() -> None:
    assert places("def f(:\n", {1}) == ()


def test_functions_are_found_by_their_names() -> None:
    assert [p.name for p in named(SOURCE, {"Group.two", "outer.inner", "gone"})] == ["Group.two", "outer.inner"]


def test_every_function_that_is_armed_raises_what_no_except_exception_swallows_and_notes_it() -> None:
    where = named(SOURCE, {"one", "Group.two", "Group.three", "outer.inner"})
    text = armed(SOURCE, {p: statement("Mark", n, raising=True) for n, p in enumerate(where)})
    space: dict[str, object] = {"__name__": "m"}
    exec(compile(text, "m", "exec"), space)
    calls = ["one()", "Group().two", "Group().three()", "outer()"]
    for call in calls:
        with pytest.raises(BaseException, match="llm-review") as caught:
            eval(call, space)
        assert (type(caught.value).__name__, isinstance(caught.value, Exception)) == ("Mark", False)
    assert sys.__dict__.pop("Mark") == {0: 1, 1: 1, 2: 1, 3: 1}


def test_names_of_the_code_round_a_trap_do_not_matter() -> None:
    text = "def f(type, sys, BaseException):\n    return type\n"
    (place,) = places(text, {2})
    space: dict[str, object] = {}
    exec(armed(text, {place: statement("Mark", 7, raising=False)}), space)
    assert eval("f(1, 2, 3)", space) == 1
    assert sys.__dict__.pop("Mark") == {7: 1}


def test_all_but_the_new_lines_stays_byte_for_byte() -> None:
    text = "x = '\udce9'\r\ndef f():\r\n    return x\r\n"
    assert armed(text, {Place(3, 4, "f"): "pass"}) == text.replace("    return", "    pass\r\n    return")
    assert ast.parse(armed("def é(): return 1\n", {Place(1, 10, "é"): "pass"}))
