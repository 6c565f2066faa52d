from __future__ import annotations

import pytest

from reviewer.craft.box import Box
from reviewer.craft.generate import Generated, as_assertion, generate
from reviewer.craft.given import documented
from reviewer.errors import ModelError
from reviewer.tasks.session import Session
from reviewer.tasks.write import Wish
from tests.fakes import FakeProvider

ADD = 'def add(a: int, b: int) -> int:\n    """Add."""\n    return a + b\n'
WRONG = 'def add(a: int, b: int) -> int:\n    """Add."""\n    return a - b\n'
ASSERTIONS = "1, 2) == 3\nassert add(0, 0) == 0\nassert add(-1, 1) == 0\nassert add(1, 1) == 3\nassert other(1)"


def made(box: Box, wish: Wish, *replies: str | tuple[str, ...], number: int = 4) -> tuple[Generated, FakeProvider]:
    provider = FakeProvider(replies)
    return generate(Session(provider), box, wish, number, lambda _: None), provider


def test_what_most_versions_say_alike_is_shown_with_the_assertions_that_hold(box: Box) -> None:
    result, provider = made(box, Wish("add two numbers"), WRONG, (ADD, ADD, "def other(): pass"), ASSERTIONS)
    assert "return a + b" in result.code
    assert (result.samples, result.agreed, result.asserted, result.held) == (3, 2, 4, 3)
    assert result.tests == ("assert add(1, 2) == 3", "assert add(0, 0) == 0", "assert add(-1, 1) == 0")
    assert result.checked
    assert result.unchecked == ("types were not checked by a type checker",)
    assert [r.samples for r in provider.requests] == [1, 3, 1]


def test_assertions_are_asked_for_without_the_code_or_the_examples(box: Box) -> None:
    wish = Wish("add two numbers", examples=("add(2, 2) == 4",))
    _, provider = made(box, wish, ADD, (ADD, ADD, ADD), ASSERTIONS)
    asked = provider.requests[2].prompt
    assert "add two numbers" in asked
    assert "def add(a: int, b: int) -> int:" in asked
    assert "return" not in asked
    assert "4" not in asked


def test_versions_that_disagree_are_not_called_checked(box: Box) -> None:
    result, _ = made(box, Wish("add"), WRONG, (ADD,), "1, 2) == 3", number=2)
    assert not result.checked


def test_one_version_alone_is_not_called_checked(box: Box) -> None:
    result, _ = made(box, Wish("add"), ADD, ASSERTIONS, number=1)
    assert (result.samples, result.checked) == (1, False)


def test_an_example_that_no_version_meets_is_never_checked(box: Box) -> None:
    result, _ = made(box, Wish("add", examples=("add(1, 1) == 11",)), ADD, (ADD, ADD, ADD), ASSERTIONS)
    assert (result.examples, result.examples_held, result.checked) == (1, 0, False)


def test_code_that_a_tool_objects_to_says_so(box: Box) -> None:
    code = 'import subprocess\n\n\ndef f(x: str) -> int:\n    """Run."""\n    return subprocess.call(x, shell=True)\n'
    result, _ = made(box, Wish("run x"), code, (code,), "'true') == 0", number=2)
    assert any("B602" in remark for remark in result.remarks)


def test_what_is_not_in_ruff_s_format_is_brought_into_it(box: Box) -> None:
    code = 'import os\ndef add(a:int,b:int)->int:\n  """Add."""\n  return a+b\n'
    result, _ = made(box, Wish("add"), code, (code,), ASSERTIONS, number=2)
    assert result.code == ADD


def test_no_usable_version_is_an_error_with_a_hint(box: Box) -> None:
    with pytest.raises(ModelError, match="no code that can be used") as error:
        made(box, Wish("add"), "def broken(:", ("sorry",), number=2)
    assert error.value.hint


def test_a_version_that_cannot_be_imported_is_an_error(box: Box) -> None:
    with pytest.raises(ModelError, match="can be imported"):
        made(box, Wish("add"), f"import no_such_thing\n{ADD}", ASSERTIONS, number=1)


def test_examples_are_expressions_or_assertions() -> None:
    assert as_assertion("f(2) == 4") == "assert f(2) == 4"
    assert as_assertion("assert f(2)") == "assert f(2)"
    for bad in ("f(", "x = 1", ""):
        with pytest.raises(ModelError, match="example"):
            as_assertion(bad)


def test_a_description_s_own_examples_count() -> None:
    text = "Double it.\n>>> f(2)\n4\n>>> print(f(3))\n6\n>>> f(object)\n<something>\n"
    assert list(documented(text)) == ["assert f(2) == 4"]
