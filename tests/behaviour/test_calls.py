from __future__ import annotations

import ast
from pathlib import Path

import pytest

from reviewer.behaviour.calls import call_tests, module_name, module_of
from reviewer.behaviour.values import Vocabulary

from .conftest import function_of

NONE = Vocabulary()
DOCUMENTED = '''
def f(a: int, b: int = 2):
    """Add, as f(7) does.

    >>> f(1, b=5)
    6
    >>> print(f(1))
    3
    """
'''


def test_examples_are_known_and_say_what_is_wanted() -> None:
    tests = call_tests("f", function_of(DOCUMENTED), ["x = m.f(40, 2)\nf(y)\n"], NONE)
    known = {ast.unparse(t.function.body[-1]): t.wanted for t in tests if t.known}
    assert known == {"assert f(1, b=5)": "6", "assert f(7)": "", "assert f(1)": "", "assert f(40, 2)": ""}
    assert [t.known for t in tests] == sorted((t.known for t in tests), reverse=True)
    assert any(not t.known and "b=" in ast.unparse(t.function) for t in tests)


@pytest.mark.parametrize(
    ("prose", "wanted"),
    [
        ("f(2) == 5", "5"),
        ("f(2) => [1, 2]", "[1, 2]"),
        ("f(2) -> 'a b'.", "'a b'"),
        ("f(2) ➞ (None, 1)", "(None, 1)"),
        ("f(2) # {'a': 1} in the end", "{'a': 1}"),
        ("`f(2)` is None.", "None"),
        ("f(2) returns -3 and f(3) returns 4", "-3"),
        ("f(2) returns the sum", ""),
        ("f(2) 5", ""),
        ("f(2)", ""),
    ],
)
def test_what_prose_says_that_a_call_gives(prose: str, wanted: str) -> None:
    function = function_of(f'def f(a):\n    """Do.\n\n    {prose}\n    """')
    (first, *_) = call_tests("f", function, [], NONE)
    assert (ast.unparse(first.function.body[-1]), first.wanted, first.known) == ("assert f(2)", wanted, True)


def test_what_is_given_is_looked_at_afterwards() -> None:
    (test, *_) = call_tests("f", function_of("def f(a): ..."), ["f([3, 1])"], NONE)
    assert ast.unparse(test.function).split("\n")[1:] == [
        "    given_0 = [3, 1]",
        "    assert f(given_0)",
        "    assert given_0",
    ]


def test_a_coroutine_is_not_called() -> None:
    tree = ast.parse("async def f(a): ...").body[0]
    assert isinstance(tree, ast.AsyncFunctionDef)
    assert call_tests("f", tree, ["f(1)"], NONE) == []


def test_names_are_distinct() -> None:
    names = [t.function.name for t in call_tests("f", function_of("def f(a, b): ..."), [], NONE)]
    assert len(set(names)) == len(names) > 100


def test_where_a_module_is_imported_from(tmp_path: Path) -> None:
    for path in ("src/pkg/sub/__init__.py", "src/pkg/__init__.py", "src/pkg/sub/m.py", "tool.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert module_name(tmp_path, "src/pkg/sub/m.py") == ("pkg.sub.m", "src")
    assert module_name(tmp_path, "src/pkg/sub/__init__.py") == ("pkg.sub", "src")
    assert module_name(tmp_path, "tool.py") == ("tool", "")


def test_a_module_in_another_folder_is_made_importable() -> None:
    text = module_of("m", "lib", ["f", "g"], [function_of("def test_a():\n    assert f()")])
    assert text.startswith("import sys\nsys.path.insert(0, 'lib')\nfrom m import f, g\n")
    ast.parse(text)
