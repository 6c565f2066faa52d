from __future__ import annotations

import pytest

from reviewer.evidence.testfiles import DEFAULT_PATTERNS, is_test_module, patterns_from, serves_tests


@pytest.mark.parametrize(
    ("path", "module", "serves"),
    [
        ("test_x.py", True, True),
        ("src/x_test.py", True, True),
        ("tests/helper.py", False, True),
        ("tests/data/x.json", False, True),
        ("conftest.py", False, True),
        ("src/testing.py", False, False),
        ("src/contest.py", False, False),
        ("test_x.pyi", False, False),
    ],
)
def test_files_are_told_apart_by_their_names(path: str, module: bool, serves: bool) -> None:
    assert (is_test_module(path), serves_tests(path)) == (module, serves)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[tool.pytest.ini_options]\npython_files = ["check_*.py", "t/*.py"]\n'),
        ("pyproject.toml", '[tool.pytest.ini_options]\npython_files = "check_*.py t/*.py"\n'),
        ("pytest.ini", "[pytest]\npython_files = check_*.py\n    t/*.py\n"),
        ("setup.cfg", "[tool:pytest]\npython_files = check_*.py t/*.py\n"),
    ],
)
def test_the_projects_own_patterns_are_read(name: str, text: str) -> None:
    patterns = patterns_from({name: text})
    assert patterns == ("check_*.py", "t/*.py")
    assert is_test_module("a/check_x.py", patterns)
    assert is_test_module("t/x.py", patterns)
    assert not is_test_module("test_x.py", patterns)


@pytest.mark.parametrize("text", ["= nonsense [", "[tool]\npytest = 3\n", "[tool.pytest.ini_options]\nx = 1\n", ""])
def test_configuration_that_says_nothing_leaves_pytests_own(text: str) -> None:
    assert patterns_from({"pyproject.toml": text, "setup.cfg": text}) == DEFAULT_PATTERNS
