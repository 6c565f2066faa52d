from __future__ import annotations

import pytest

from reviewer.verify.compare import Failure
from reviewer.verify.gaps import environment_gap, module_names
from reviewer.verify.outcome import TestOutcome

OWN = module_names(["src/shop/cart.py", "lib/fast.cpython-311-x86_64-linux-gnu.so", "docs/intro.md"])


def failure(exception: str, text: str, base: str = "pass") -> Failure:
    outcome = TestOutcome("t.py::test_x", "failed", exception=exception, message=text)
    return Failure(("t.py::test_x",), base, outcome, None, {})


def test_the_names_of_a_tree_are_its_files_and_folders_of_code() -> None:
    assert {"src", "shop", "cart", "lib", "fast"} == OWN


def test_a_module_that_is_not_installed_is_a_gap() -> None:
    assert "requests" in environment_gap(failure("ModuleNotFoundError", "No module named 'requests.adapters'"), OWN)


@pytest.mark.parametrize(
    "one",
    [
        failure("ModuleNotFoundError", "No module named 'shop.basket'"),
        failure("AssertionError", "No module named 'requests'"),
        failure("Failed", "fixture 'shop' not found", "pass"),
    ],
)
def test_what_the_change_itself_broke_is_no_gap(one: Failure) -> None:
    assert environment_gap(one, OWN) == ""


def test_a_module_that_the_build_makes_is_a_gap_for_a_new_test_alone() -> None:
    text = "No module named 'shop._version'"
    assert "shop._version" in environment_gap(failure("ModuleNotFoundError", text, "absent"), OWN)
    assert environment_gap(failure("ModuleNotFoundError", text, "pass"), OWN) == ""


def test_a_fixture_of_a_plugin_that_is_not_installed_is_a_gap_for_a_new_test() -> None:
    assert "mocker" in environment_gap(failure("Failed", "fixture 'mocker' not found", "absent"), OWN)
