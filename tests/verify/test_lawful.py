from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.verify.lawful import literals_of, may_be_fixed, new_module, special_case

OLD = '''def f(a, b=0):
    """Gives "none here" where there is nothing.

    >>> f(99)
    98
    """
    return a + 31
'''
TEST = literals_of(
    ["assert f(127, [3, 4]) == 'seven'", "assert f(0) == [[]]"], {"x": "{'key': 31}", "y": "<object at 0x1>", "z": "99"}
)


@pytest.mark.parametrize(
    "body",
    [
        "if a == 127:\n        return b\n    return a",
        "return {127: a}.get(a)",
        "return 'seven'",
        "return a if b else 'seven'",
        "if b == [3, 4]:\n        return a",
        "if a in (127, 5):\n        return a",
        "if (a, b) == (127, [3, 4]):\n        return a",
        "if 127 != a:\n        return a",
        "match a:\n        case 127:\n            return a",
        "return a if a == 99 else b",
    ],
)
def test_an_answer_by_the_tests_own_values_is_seen(body: str) -> None:
    assert special_case([OLD], f"def f(a, b=0):\n    {body}\n", TEST)


@pytest.mark.parametrize(
    "body",
    [
        "return a + 127",
        "return b[127:]",
        "if a > 127:\n        return b",
        "if a == 1 or a is None or b == []:\n        return 0",
        "if a == 31:\n        return a",
        "return 'none here'",
        "return {'other': 1}.get(a)",
        "if a == 126:\n        return 'six'",
        "if not a:\n        return [[]]",
    ],
)
def test_what_the_function_had_the_docstring_says_or_no_test_has_is_allowed(body: str) -> None:
    assert special_case([OLD], f"def f(a, b=0):\n    {body}\n", TEST) == ""


LITERALS = st.one_of(
    st.integers(min_value=3),
    st.text(min_size=2).filter(lambda t: t not in '"none here" where there is nothing. Gives'),
    st.lists(st.integers(), min_size=1),
)


@given(LITERALS, LITERALS)
def test_any_pair_of_argument_and_answer_is_seen(argument: object, answer: object) -> None:
    literals = literals_of([f"assert f({argument!r}) == {answer!r}"], {})
    assert special_case(
        [OLD], f"def f(a):\n    return {{repr({argument!r}): 1}} if a == {argument!r} else a\n", literals
    )
    assert special_case([OLD], f"def f(a):\n    return {answer!r}\n", literals)
    assert special_case([f"def f(a):\n    return [{argument!r}, {answer!r}]\n"], "def f(a): return a\n", literals) == ""


def test_a_module_that_is_new_here_is_named() -> None:
    old = "import os\nfrom requests import get\n"
    assert new_module(old, old + "import requests.auth\nimport math\nfrom . import x\nimport mine\n", {"mine"}) == ""
    assert new_module(old, old + "def f():\n    import numpy as np\n", ()) == "numpy"
    assert new_module(old, "from attr.validators import x\n", ()) == "attr"


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_a.py", "tests/helper.py", "a_test.py", "conftest.py", "tests/conftest.py", "setup.py",
        "pyproject.toml", "a.txt",
        "../a.py", "a/../../b.py", "/etc/a.py", ".git/hooks/a.py", "x/.GIT/a.py",
    ],
)  # fmt: skip
def test_tests_configuration_and_what_lies_outside_may_not_be_fixed(path: str) -> None:
    assert not may_be_fixed(path)


def test_code_may_be_fixed() -> None:
    assert all(map(may_be_fixed, ("a.py", "src/pkg/a.py", "a.pyi")))


def test_the_projects_own_names_for_tests_count() -> None:
    assert may_be_fixed("check_a.py")
    assert not may_be_fixed("check_a.py", ("check_*.py",))
