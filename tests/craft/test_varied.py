from __future__ import annotations

from reviewer.craft.varied import MOST, varied


def test_calls_are_varied_and_none_is_given_again() -> None:
    found = varied(["assert f([1, 2], 'ab') == 3", "assert f([], 'x') == 0"], "f")
    assert len(found) == MOST == len(set(found))
    assert all(statement.startswith("_seen_ = f(*([") for statement in found)
    assert "_seen_ = f(*([1, 2], 'ab'))" not in found
    assert any("''" in statement for statement in found)
    assert found == varied(["assert f([1, 2], 'ab') == 3", "assert f([], 'x') == 0"], "f")


def test_every_value_keeps_its_type() -> None:
    for statement in varied(["assert f(3, 'ab') == 3"], "f"):
        number, text = eval(statement.removeprefix("_seen_ = f(*").removesuffix(")"))
        assert (isinstance(number, int | float), type(text)) == (True, str)


def test_other_calls_and_other_arguments_are_left_alone() -> None:
    assert varied(["assert g(1) == 2", "assert f(x) == 1", "assert f(a=1) == 2", "assert f() == 0"], "f") == ()
