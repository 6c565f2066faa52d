from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reviewer.behaviour.difference import Kind
from reviewer.behaviour.looking import Sight
from reviewer.behaviour.reproducer import code_for, path_for, shown

from .conftest import function_of

MODULE = '''"""Tests."""
import json
import os

import pytest

SIZE = 3


class Strange(Exception):
    pass


def fail():
    raise Strange


def make():
    return [SIZE]


def broken():
    yield SIZE
    raise KeyError


def test_other():
    assert os
'''


def code(body: str, sight: Sight | None, kind: Kind = Kind.VALUE) -> str:
    return code_for(MODULE, "", function_of(f"def test_it():\n    {body}"), sight, kind)


def outcome(source: str, folder: Path) -> int:
    (folder / "test_made.py").write_text(source)
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_made.py"]
    return subprocess.run(line, cwd=folder, check=False, stdout=subprocess.DEVNULL).returncode


@pytest.mark.parametrize(
    ("body", "sight", "line"),
    [
        ("assert make() == [4]", Sight(0, "value", "[3]", "[3]"), "assert make() == [3]"),
        ("x = make()\n    assert x == [4]", Sight(0, "value", "[3]", "[3]"), "assert x == [3]"),
        ("make()", Sight(0, "value", "[3]", "[3]"), "assert make() == [3]"),
        ("self.assertEqual(make(), 4)", Sight(0, "value", "[3]", "[3]"), "assert make() == [3]"),
        ("assert len(make()) / 3", Sight(0, "value", "0.333333333333", ""), "pytest.approx(0.333333333333"),
        ("assert iter(make())", Sight(0, "items", "[3]", "[3]"), "assert list(itertools.islice("),
        ("assert make()", Sight(0, "value", "", "'[3]'", "repr({})"), "assert repr(make()) == '[3]'"),
        ("assert make().x", Sight(0, "raised", "AttributeError", ""), "with pytest.raises(AttributeError):"),
        ("assert broken()", Sight(0, "raised", "KeyError", "", "items"), "    list(itertools.islice("),
        ("assert fail()", Sight(0, "raised", "Strange", ""), "assert caught.type.__name__ == 'Strange'"),
        ("assert json.loads('null')", Sight(0, "value", "None", "None"), "is None"),
    ],
)
def test_the_base_s_value_is_asserted(body: str, sight: Sight, line: str, tmp_path: Path) -> None:
    made = code(body, sight)
    assert line in made
    assert "test_other" not in made
    assert "import os" not in made
    assert outcome(made, tmp_path) == 0
    wrong = Sight(sight.number, "value", "5.0", "'other'")
    assert outcome(code(body, wrong), tmp_path) == 1


def test_steps_after_the_sight_are_left_out_and_earlier_calls_stay() -> None:
    made = code("make()\n    assert make() == 1\n    assert json", Sight(1, "value", "[3]", "[3]"))
    assert made.count("make()") == 3  # the definition, the call, the assertion
    assert "assert json" not in made


def test_what_a_test_does_in_a_function_of_its_own_is_still_called(tmp_path: Path) -> None:
    made = code("def inner():\n        assert make() == 1\n    inner()", Sight(0, "value", "[4]", "[4]"))
    assert outcome(made, tmp_path) == 1


def test_a_value_that_cannot_be_written_makes_no_test() -> None:
    assert code("assert make()", Sight(0, "value", "Box(...)", "")) == ""
    assert code("assert make()", Sight(0, "value", "Box(...)", ""), Kind.RAISES) != ""


def test_steps_that_hang_get_a_limit(tmp_path: Path) -> None:
    made = code("while make(): pass", None, Kind.HANGS)
    assert outcome(made, tmp_path) == 1
    assert outcome(code("make()", None, Kind.HANGS), tmp_path) == 0


def test_it_lies_beside_the_test_it_was_made_from() -> None:
    assert path_for("tests/unit/test_a.py", 3) == "tests/unit/test_llm_review_3.py"


def test_a_person_sees_the_call_and_not_the_names() -> None:
    function = function_of("def test_a():\n    x = make(1)\n    y = x.more\n    assert y(2) == 3")
    assert shown(function, 1) == "make(1).more(2)"
