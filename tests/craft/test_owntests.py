from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.craft.box import make_box
from reviewer.craft.owntests import OwnTests, Recorded
from reviewer.craft.subject import Subject, subjects
from reviewer.desk import Desk
from reviewer.report.progress import Silent
from reviewer.settings import Settings
from tests.conftest import Repo

CODE = """class Basket:
    def add(self, item, count=1):
        return None


def double(x):
    if x == 0:
        raise ValueError
    return [x, x]


def unused(x):
    return x
"""
TESTS = """import pytest
from shop.calc import Basket, double

def test_double():
    assert double(2) == [2, 2]
    assert double("a") == ["a", "a"]

def test_zero():
    with pytest.raises(ValueError):
        double(0)

def test_basket():
    Basket().add(None)
    Basket().add("b", count=2)

def test_red():
    assert double(1) == 3
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    repo = Repo(tmp_path / "repo")
    repo.commit({"shop/__init__.py": "", "shop/calc.py": CODE, "tests/test_calc.py": TESTS})
    monkeypatch.chdir(repo.root)
    return repo.root / "shop" / "calc.py"


def near(file: Path, folder: Path) -> OwnTests:
    (folder / "work").mkdir()
    tools = Desk(Settings(python=sys.executable), folder / "work", Silent())
    return OwnTests.near(tools.box_at(file))


def subject(file: Path, name: str) -> Subject:
    return subjects(f"{file}::{name}")[0]


def test_what_the_tests_give_a_function_is_recorded(file: Path, tmp_path: Path) -> None:
    tests = near(file, tmp_path)
    assert tests.recorded(subject(file, "double")) == Recorded(
        "double", 4, ("(2,)", "('a',)", "(0,)", "(1,)"), {"x": {"int": 3, "str": 1}}, {"list[int]": 2, "list[str]": 1}
    )
    method = tests.recorded(subject(file, "Basket.add"))
    assert method is not None
    assert (method.calls, method.given["item"], method.returned) == ((), {"None": 1, "str": 1}, {"None": 2})
    assert tests.recorded(subject(file, "unused")) is None


def test_tests_that_passed_and_run_it_must_pass_with_the_version(file: Path, tmp_path: Path) -> None:
    tests, one = near(file, tmp_path), subject(file, "double")
    assert tests.judge(CODE, one.span, CODE.replace("[x, x]", "[x] * 2")).passed == 2
    assert tests.judge(CODE, one.span, CODE.replace("[x, x]", "[x]")).failed == "tests/test_calc.py::test_double"
    assert tests.judge(CODE, one.span, CODE.replace("raise ValueError", "pass")).failed.endswith("test_zero")
    assert "no test" in tests.judge(CODE, subject(file, "unused").span, CODE).why
    assert file.read_text() == CODE


def test_without_a_repository_pytest_or_tests_it_is_said(file: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    box = make_box(tmp_path / "work", "auto")
    assert OwnTests.near(box).why == "the file is in no repository"
    bare = replace(box, tree=file.parent, root=file.parent, interpreter=replace(box.interpreter, pytest=None))
    assert OwnTests.near(bare).why.endswith("has no pytest")
    assert "no test" in OwnTests.near(replace(box, tree=file.parent, root=file.parent, name="calc.py")).why
