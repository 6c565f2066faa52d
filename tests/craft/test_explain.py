from __future__ import annotations

import json
from pathlib import Path

import pytest

from reviewer.craft.box import Box
from reviewer.craft.example import Example
from reviewer.craft.explain import Explained, Explainer
from reviewer.craft.subject import subjects
from reviewer.report.crafted import explained_lines
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

TEXT = "import time\n\n\ndef double(x):\n    return x * 2\n\n\ndef now(x):\n    return time.time_ns() + x\n"
SAID: dict[str, object] = {
    "purpose": "doubles x",
    "parameters": {"x": "a number"},
    "returns": "twice x",
    "effects": "none",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.py"
    path.write_text(TEXT)
    return path


def explained(box: Box, file: Path, name: str, said: dict[str, object], calls: str) -> Explained:
    session = Session(FakeProvider([json.dumps(said), calls]))
    return Explainer(lambda: session, box)(subjects(f"{file}::{name}")[0], lambda _: None)


def test_the_example_was_executed_and_the_words_are_the_model_s(box: Box, file: Path) -> None:
    found = explained(box, file, "double", SAID | {"complexity": "O(1)"}, "4)\ndouble(None)")
    assert found.examples == (Example("double(4)", "8", ""), Example("double(None)", "", "TypeError"))
    assert list(explained_lines(found)) == [
        "double (line 4)", "  doubles x", "  x: a number", "  returns: twice x", "  side effects: none",
        "  complexity (the model's guess, not measured): O(1)",
        "  executed: double(4) -> 8", "  executed: double(None) -> raises TypeError",
    ]  # fmt: skip


def test_what_is_not_the_same_twice_is_no_example(box: Box, file: Path) -> None:
    assert explained(box, file, "now", SAID, "4)").examples == ()


def test_a_line_that_names_what_is_not_there_is_left_out_and_said(box: Box, file: Path) -> None:
    found = explained(box, file, "double", SAID | {"effects": "writes to `database`"}, "1)")
    assert (found.effects, found.unfounded) == ("", ("database",))
    assert list(explained_lines(found))[-1] == "  left out, for it names what is not there: database"


def test_a_reply_that_was_cut_is_said(box: Box, file: Path) -> None:
    session = Session(FakeProvider(["{"]))
    found = Explainer(lambda: session, box)(subjects(f"{file}::double")[0], lambda _: None)
    assert "cut" in found.reason
    assert len(list(explained_lines(found))) == 2
