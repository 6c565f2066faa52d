from __future__ import annotations

from reviewer.craft.agree import Agreement, agree, watched
from reviewer.craft.box import Box

ADD = "def f(a, b):\n    return a + b\n"
ADD_TOO = "def f(a, b):\n    return b + a\n"
MULTIPLY = "def f(a, b):\n    return a * b\n"
BROKEN = "def f(a, b):\n    return a.no\n"
HELD = ["assert f(1, 2) == 3", "assert f(5, 5) == 10"]


def chosen(found: Agreement | None) -> Agreement:
    assert found is not None
    return found


def test_the_larger_group_wins(box: Box) -> None:
    found = chosen(agree(box, [MULTIPLY, ADD, ADD_TOO], [], HELD))
    assert found.chosen.code in {ADD, ADD_TOO}
    assert (found.agreed, found.samples, found.met) == (2, 3, 3)
    assert len(found.chosen.held) == 2


def test_versions_that_answer_differently_are_no_group_though_both_fail(box: Box) -> None:
    found = chosen(agree(box, [ADD, MULTIPLY], [], ["assert f(3, 4) == 5"]))
    assert found.agreed == 1


def test_an_example_decides_against_the_majority(box: Box) -> None:
    found = chosen(agree(box, [ADD, ADD, MULTIPLY], ["assert f(2, 3) == 6"], HELD))
    assert found.chosen.code == MULTIPLY
    assert (found.agreed, found.met, found.chosen.meets) == (1, 1, True)


def test_where_no_version_meets_the_examples_the_best_is_shown_and_does_not_meet_them(box: Box) -> None:
    found = chosen(agree(box, [ADD, BROKEN], ["assert f(2, 3) == 7"], HELD))
    assert (found.chosen.code, found.met, found.chosen.meets) == (ADD, 0, False)


def test_none_of_nothing(box: Box) -> None:
    assert agree(box, [], [], HELD) is None


def test_an_assertion_tells_the_value_that_it_compares() -> None:
    assert watched("assert f(1) == 2") == "_seen_ = f(1)\nassert _seen_ == 2"
    assert watched("assert f(1)") == "assert f(1)"
    assert watched("assert 1 < f(1) < 3") == "assert 1 < f(1) < 3"
