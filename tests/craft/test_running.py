from __future__ import annotations

import pytest

from reviewer.craft.box import Box
from reviewer.craft.running import Execution, execute, imports_of
from reviewer.errors import ModelError
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

BROKEN = "def f(x):\n    return 1 / x\n\nprint(f(0))\n"
MENDED = "def f(x):\n    return 1 / x\n\nprint(f(1))\n"


def ran(box: Box, code: str, *replies: str | BaseException, seconds: float = 20.0) -> Execution:
    session = Session(FakeProvider(replies)) if replies else None
    return execute(box, code, seconds, (lambda: session) if session else None, lambda _: None)


def test_a_script_that_ends_well_needs_no_model(box: Box) -> None:
    result = ran(box, "print('x')\n", "never asked")
    assert (result.ended, result.output, result.exit_code, result.why) == ("ok", "x\n", 0, "")


def test_a_syntax_error_has_its_line_and_is_not_run(box: Box) -> None:
    result = ran(box, "x = 1\ny = (\n")
    assert (result.ended, result.line, result.raised) == ("syntax error", 2, "SyntaxError: '(' was never closed")


def test_an_exception_is_explained_and_a_correction_run(box: Box) -> None:
    result = ran(box, BROKEN, "It divides by zero.", MENDED)
    assert (result.ended, result.raised, result.line) == ("exception", "ZeroDivisionError: division by zero", 2)
    assert (result.why, result.repair) == ("It divides by zero.", MENDED)
    assert result.repair_note.startswith("run to its end")


def test_a_correction_that_fails_too_is_not_shown(box: Box) -> None:
    result = ran(box, BROKEN, "Zero.", BROKEN.replace("f(0)", "g(0)"))
    assert result.repair == ""
    assert "NameError" in result.repair_note


def test_a_syntax_error_can_be_corrected(box: Box) -> None:
    assert ran(box, "print('x'\n", "A bracket is missing.", "print('x')\n").repair == "print('x')\n"


def test_a_model_that_fails_loses_nothing(box: Box) -> None:
    result = ran(box, BROKEN, ModelError("no model", "pull one"))
    assert (result.ended, result.repair_note) == ("exception", "no model was asked: no model (pull one)")


@pytest.mark.parametrize(
    ("code", "ended"),
    [("while True: pass", "time limit"), ("import sys; sys.exit(3)", "exit"), ("import os; os.abort()", "killed")],
)
def test_other_ends(box: Box, code: str, ended: str) -> None:
    assert ran(box, code, seconds=2.0).ended == ended


def test_imports_that_do_not_come_with_python() -> None:
    assert imports_of("import os, numpy.linalg\nfrom . import x\nfrom requests import get\n") == ("numpy", "requests")
