from __future__ import annotations

import pytest

from reviewer.verify.outcome import Frame
from reviewer.verify.tracebacks import told

SHORT = """\x1b[31mF\x1b[0m
______ test_add ______
tests/test_calc.py:5: in test_add
    assert add(1, 2) == 3
calc.py:2: in add
    return a - c
E   NameError: name 'c' is not defined
=========================== short test summary info ============================
\x1b[31mFAILED\x1b[0m tests/test_calc.py::\x1b[1mtest_add\x1b[0m - NameError: name 'c' is not defined
FAILED tests/test_calc.py::TestIt::test_x[a b-1] - assert 1 == 2
ERROR tests/test_broken.py - ImportError: cannot import
1 failed, 2 passed in 0.02s
"""
PYTHON = """Traceback (most recent call last):
  File "/old.py", line 1, in <module>
ValueError: first

Traceback (most recent call last):
  File "/srv/app.py", line 9, in <module>
    main()
  File "pkg/calc.py", line 2, in add
    return a - c
           ^
pkg.errors.OwnError: 'x' is missing
"""


def test_pytests_summary_names_the_tests() -> None:
    names = ("tests/test_calc.py::test_add", "tests/test_calc.py::TestIt::test_x[a b-1]", "tests/test_broken.py")
    assert told(SHORT).tests == names


def test_places_go_from_the_outermost_call_to_where_it_was_raised() -> None:
    assert told(SHORT).places == (Frame("tests/test_calc.py", 5), Frame("calc.py", 2))
    assert told(PYTHON).places == (Frame("/srv/app.py", 9), Frame("pkg/calc.py", 2))
    assert told(PYTHON).said == "pkg.errors.OwnError: 'x' is missing"


@pytest.mark.parametrize(
    ("line", "node"),
    [
        ("tests/a.py::test_x FAILED   [ 50%]", "tests/a.py::test_x"),
        ("FAILED tests/a.py::test_x[a - b] - assert 0", "tests/a.py::test_x"),
        ("FAILED tests/a.py::test_x", "tests/a.py::test_x"),
    ],
)
def test_other_lines_of_pytest(line: str, node: str) -> None:
    assert told(line).tests == (node,)


def test_prose_tells_of_nothing() -> None:
    found = told("all is well: see http://x.py:80 and FAILED hopes\n")
    assert (found.tests, found.places, found.said) == ((), (), "")
