from __future__ import annotations

from reviewer.craft.trying import Tests, read
from reviewer.verify.outcome import Frame, TestOutcome

REPLY = """import pytest
import os, numpy
from your_module import add
from calc import other

HELP = 3


def test_one():
    given = 1
    assert add(given, 2) == 3
    assert add(1, 1) == 3


def test_raises():
    with pytest.raises(ValueError):
        add("", 1)


def test_nothing():
    add(1, 2)


def test_cut():
    assert add(1,"""


def parsed() -> Tests:
    found = read(REPLY, "from calc import add", {"calc"})
    assert found is not None
    return found


def red(name: str, line: int) -> TestOutcome:
    return TestOutcome(f"t.py::{name}", "failed", frames=(Frame("t.py", line), Frame("calc.py", 1)))


def test_tests_that_check_nothing_and_imports_of_what_is_not_there_are_left_out() -> None:
    found = parsed()
    assert found.head == "import pytest\nfrom calc import other\nHELP = 3\nfrom calc import add"
    assert [name for name, _ in found.tests] == ["test_one", "test_raises"]
    assert found.checks == 3


def line_of(found: Tests, words: str) -> int:
    return next(n for n, line in enumerate(found.text.split("\n"), 1) if words in line)


def test_an_assertion_that_fails_is_taken_out_and_the_rest_of_its_test_stays() -> None:
    found = parsed()
    left = found.corrected([red("test_one", line_of(found, "add(1, 1)"))], "t.py")
    assert "add(1, 1)" not in left.text
    assert "assert add(given, 2) == 3" in left.text
    assert left.dropped == ("test_one: assert add(1, 1) == 3",)


def test_without_its_last_assertion_a_test_is_gone_and_so_is_one_that_fails_elsewhere() -> None:
    found = parsed()
    wrong = [
        red("test_one", line_of(found, "given = 1")),
        red("test_raises", line_of(found, 'add("", 1)'.replace('"', "'"))),
    ]
    left = found.corrected(wrong, "t.py")
    assert left.tests == ()
    assert left.dropped == ("test_one, whole", "test_raises: with pytest.raises(ValueError):")


def test_a_reply_without_a_test_is_none() -> None:
    assert read("I cannot do that.", "from calc import add", ()) is None
