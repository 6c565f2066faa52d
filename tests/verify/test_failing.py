from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.sandbox.none import Reduced
from reviewer.verify.failing import Failing, failing
from reviewer.verify.interpreter import Interpreter
from reviewer.verify.outcome import TestOutcome
from reviewer.verify.runner import run_tests

from .conftest import make_bench

CODE = "def add(*numbers):\n    return -sum(numbers)\n\n\ndef hang(n):\n    return hang(n + 1)\n"
TESTS = """import calc
import pytest
from calc import add, hang

@pytest.mark.parametrize(("given", "wanted"), [([1, 2], 3)])
def test_spread(given, wanted):
    assert add(*given) == wanted

def test_literal():
    assert calc.add(1) == 1, "one"

def test_steps():
    total = 0
    total += add(1)
    result = total
    assert result == 1

def test_alias():
    function = add
    for n in (4, 5):
        assert function(n) == n

def test_deep():
    hang(12)

class Odd:
    def __repr__(self):
        raise ValueError

def test_unwritable():
    odd = Odd()
    assert add(2) == odd
"""


@pytest.fixture(scope="module")
def told(interpreter: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Failing | None]:
    folder = tmp_path_factory.mktemp("failing")
    bench = make_bench(Reduced(), interpreter, tmp_path_factory.mktemp("bench"))
    (folder / "calc.py").write_text(CODE)
    (folder / "test_calc.py").write_text(TESTS)
    run = run_tests(bench, folder, ["test_calc.py"], timeout=60)
    return {name.partition("::")[2].partition("[")[0]: failing(o, folder) for name, o in run.outcomes.items()}


def code_of(found: Failing | None) -> str:
    assert found is not None
    return found.code


def test_names_give_way_to_their_values_and_lists_are_spread(told: dict[str, Failing | None]) -> None:
    assert code_of(told["test_spread"]) == "assert add(1, 2) == 3"
    assert code_of(told["test_literal"]) == "assert calc.add(1) == 1, 'one'"
    assert code_of(told["test_alias"]) == "assert add(4) == 4"


def test_what_came_of_it_is_said(told: dict[str, Failing | None]) -> None:
    spread, deep = told["test_spread"], told["test_deep"]
    assert spread is not None
    assert spread.said.startswith("It gives AssertionError: assert -3 == 3")
    assert deep is not None
    assert (deep.code, deep.said.split(":")[0]) == ("hang(12)", "It gives RecursionError")


def test_a_statement_that_calls_nothing_or_has_no_value_is_shown_with_its_test(
    told: dict[str, Failing | None],
) -> None:
    steps = told["test_steps"]
    assert steps is not None
    assert not steps.alone
    assert steps.code.startswith("def test_steps():\n    total = 0\n")
    assert steps.code.endswith("    assert result == 1")
    assert code_of(told["test_unwritable"]).startswith("def test_unwritable():")


def test_where_there_is_no_source_there_is_nothing(tmp_path: Path) -> None:
    assert failing(TestOutcome("gone.py::test", "failed"), tmp_path) is None
    (tmp_path / "test_a.py").write_text("def broken(:\n")
    assert failing(TestOutcome("test_a.py::test", "failed"), tmp_path) is None
