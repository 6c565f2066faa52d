from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reviewer.craft.box import Box, make_box
from reviewer.errors import SandboxError

CODE = "def double(x):\n    return x + x\n"


RECORD = """{}from dataclasses import dataclass
from typing import get_type_hints


@dataclass
class Point:
    x: int = 1
"""


@pytest.mark.parametrize("first", ["", "from __future__ import annotations\n"])
def test_code_means_what_it_means_in_a_module(box: Box, first: str) -> None:
    """Its annotations are its own affair, and its module is one that can be looked up."""
    kind = "str" if first else "type"
    checks = [f"assert type(Point.__annotations__['x']) is {kind}", "assert get_type_hints(Point) == {'x': int}"]
    checked = box.check(RECORD.format(first), checks, 2.0)
    assert checked.loaded == ""
    assert checked.passed == {0, 1}
    ran = box.execute(RECORD.format(first) + "type(Point.__annotations__['x'])", 5.0)
    assert (ran.value, ran.raised) == (f"<class '{kind}'>", "")


def test_each_check_has_an_answer_and_what_it_saw(box: Box) -> None:
    checks = ["assert double(2) == 4", "_seen_ = double('a')\nassert _seen_ == 'b'", "missing"]
    checked = box.check(CODE, checks, 2.0)
    assert checked.loaded == ""
    assert checked.passed == {0}
    assert checked.answers[1] == "AssertionError: "
    assert checked.answers[2] == "NameError: name 'missing' is not defined"
    assert checked.seen == {1: "'aa'"}


def test_a_check_that_never_ends_is_late_and_the_next_one_still_runs(box: Box) -> None:
    checked = box.check(CODE, ["while True: pass", "assert double(1) == 2"], 0.3)
    assert checked.answers[0].startswith("Late")
    assert checked.passed == {1}


def test_checks_do_not_see_each_other_s_names(box: Box) -> None:
    assert box.check("", ["x = 1", "x"], 1.0).passed == {0}


def test_a_check_that_ends_the_process_has_no_answer(box: Box) -> None:
    checked = box.check(CODE, ["assert double(1) == 2", "import os; os._exit(0)", "assert True"], 1.0)
    assert checked.passed == set(checked.answers) == {0}


def test_code_that_cannot_be_imported_says_why(box: Box) -> None:
    checked = box.check("import no_such_module_at_all\n", ["assert True"], 1.0)
    assert checked.loaded == "ModuleNotFoundError: No module named 'no_such_module_at_all'"


def test_code_that_ends_the_process_was_not_loaded(box: Box) -> None:
    assert box.check("import os; os._exit(0)", [], 1.0).loaded == "it ended the process"


def test_a_script_gives_its_output_and_its_last_value(box: Box) -> None:
    ran = box.execute("print('hello')\n1 + 1\n", 10.0)
    assert (ran.done.exit_code, ran.done.stdout, ran.value, ran.raised) == (0, b"hello\n", "2", "")


def test_a_script_that_raises_tells_its_own_deepest_line_and_shows_no_line_of_ours(box: Box) -> None:
    ran = box.execute("import json\ndef f():\n    json.loads('{')\nf()\n", 10.0)
    assert (ran.raised, ran.line, ran.done.exit_code) == ("JSONDecodeError", 3, 1)
    assert b"inside.py" not in ran.done.stderr
    assert b"line 4, in <module>" in ran.done.stderr


def test_a_script_runs_as_main_and_leaves_nothing(box: Box, tmp_path: Path) -> None:
    ran = box.execute("open('left', 'w').close()\n__name__\n", 10.0)
    assert ran.value == "'__main__'"
    assert not list(tmp_path.rglob("left"))


def test_a_script_in_a_tree_imports_what_lies_beside_it(tmp_path: Path) -> None:
    from dataclasses import replace

    tree = tmp_path / "tree"
    (tree / "tools").mkdir(parents=True)
    (tree / "tools" / "helper.py").write_text("ANSWER = 42\n")
    box = replace(make_box(tmp_path, "auto"), tree=tree, name="tools/main.py")
    assert box.execute("from helper import ANSWER\nANSWER\n", 10.0).value == "42"


def test_a_python_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="not a Python"):
        make_box(tmp_path, "auto", "/no/such/python")
    assert make_box(tmp_path, "auto", sys.executable).interpreter.version.startswith("3.")
