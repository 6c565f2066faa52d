from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.craft.box import Box
from reviewer.craft.docstyle import Style
from reviewer.craft.document import Documented, Documenter, inserted
from reviewer.craft.subject import definitions, subjects
from reviewer.tasks.session import Session
from reviewer.verify.patch import same_code
from tests.fakes import FakeProvider

TEXT = """class Basket:
    def add(self, item):
        # may be full
        if item is None:
            raise ValueError("none")


def half(x,
         *, exact=False):

    @staticmethod
    def inner(): return 1
    return x / 2 if exact else x // 2


def one(): return 1


def done():
    "Says so."
"""
SAID = json.dumps({"purpose": "halve x", "parameters": {"x": "the number", "exact": "with a rest"}, "returns": "half"})
CALLS = "4)\nhalf(object)\nhalf('a')"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.py"
    path.write_text(TEXT)
    return path


def made(box: Box, file: Path, name: str, *replies: str) -> Documented:
    session = Session(FakeProvider(replies))
    return Documenter(lambda: session, box, Style.GOOGLE)(subjects(f"{file}::{name}")[0], lambda _: None)


def test_the_docstring_has_the_code_s_parameters_and_an_example_that_ran(box: Box, file: Path) -> None:
    found = made(box, file, "half", SAID, CALLS)
    assert "Args:\n    x: The number.\n    exact: With a rest." in found.docstring
    assert ">>> half(4)\n    2" in found.docstring
    assert found.examples == 1
    assert same_code(TEXT, found.text)
    node = next(n for n in ast.parse(found.text).body if isinstance(n, ast.FunctionDef) and n.name == "half")
    assert ast.get_docstring(node) == found.docstring


def test_a_method_gets_no_example_and_its_comment_stays_below(box: Box, file: Path) -> None:
    found = made(
        box, file, "Basket.add", '{"purpose": "add", "parameters": {"item": "it"}, "raises": {"ValueError": "no item"}}'
    )
    assert (found.examples, found.reason) == (0, "")
    assert "Raises:\n    ValueError: No item." in found.docstring
    assert found.text.index('"""Add') < found.text.index("# may be full")


def test_what_has_a_docstring_is_left_and_the_model_not_asked(box: Box, file: Path) -> None:
    assert made(box, file, "done").reason == "it has a docstring"


def test_a_body_on_the_line_of_its_head_is_left(box: Box, file: Path) -> None:
    found = made(box, file, "one", '{"purpose": "one", "returns": "1"}', ")\n")
    assert (found.text, found.reason) == (TEXT, "it could not be put into the file safely")


def test_a_purpose_that_names_what_is_not_there_is_refused(box: Box, file: Path) -> None:
    found = made(box, file, "half", SAID.replace("halve x", "calls `divide_all` on x"))
    assert (found.text, found.unfounded) == (TEXT, ("divide_all",))
    assert "divide_all" in found.reason


def test_an_answer_that_was_cut_is_refused(box: Box, file: Path) -> None:
    assert made(box, file, "half", '{"purpose": "ha').text == TEXT


def test_windows_line_endings_stay(box: Box, tmp_path: Path) -> None:
    path = tmp_path / "some.py"
    path.write_bytes(b"def f():\r\n    return g\r\n")
    session = Session(FakeProvider(['{"purpose": "f", "returns": "g"}', ""]))
    found = Documenter(lambda: session, box, Style.GOOGLE)(subjects(str(path))[0], lambda _: None)
    assert found.text.count("\r\n") == found.text.count("\n") > 5


@given(st.text(alphabet=st.sampled_from("ab \\\"'\n>.:"), min_size=1, max_size=30))
def test_whatever_the_words_are_they_become_the_docstring_or_the_trees_differ(words: str) -> None:
    for subject in definitions(Path("some.py"), TEXT):
        text = "" if subject.name == "done" else inserted(subject, words)
        if text and same_code(TEXT, text):
            node = next(s.node for s in definitions(Path("some.py"), text) if s.name == subject.name)
            assert ast.get_docstring(node, clean=False) is not None
