from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.evidence.base import Evidence
from reviewer.evidence.suppressions import Suppressions
from tests.evidence.changes import make


def look(tmp_path: Path, base: str | bytes, head: str | bytes) -> Evidence:
    return make({"a.py": base}, {"a.py": head}).collect(Suppressions(), tmp_path / "sides")


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "#NOQA: F821",
        "# nosec B602",
        "# type: ignore[arg-type]",
        "# pylint: disable=all",
        "# ruff: noqa",
        "# ruff: ignore[F401]",
        "# flake8: noqa",
        "# pyright: ignore",
        "# mypy: ignore-errors",
        "# why it is fine  # noqa: S101",
    ],
)
def test_each_new_directive_is_a_note(tmp_path: Path, comment: str) -> None:
    (found,) = look(tmp_path, "x = 1\n", f"x = 1\ny = 2  {comment}\n").findings
    assert (found.rule_id, found.severity, found.location.start_line) == ("style/new-suppression", "note", 2)
    assert found.quote == f"y = 2  {comment}"


def test_two_directives_on_a_line_are_two_notes(tmp_path: Path) -> None:
    assert len(look(tmp_path, "", "x = 1  # type: ignore  # noqa\n").findings) == 2


def test_strings_prose_and_directives_that_were_there_do_not_count(tmp_path: Path) -> None:
    base = "x = 1  # noqa\n"
    head = "x = 2  # noqa\ny = '# nosec'\n'''\n# type: ignore\n'''\n# the noqaer of types\n"
    assert look(tmp_path, base, head) == Evidence()


def test_a_file_that_cannot_be_tokenised_gives_what_was_read_and_says_so(tmp_path: Path) -> None:
    found = look(tmp_path, "", "x = 1  # noqa\ny = (\n")
    assert len(found.findings) == 1
    assert [(s.what, s.harmless) for s in found.skipped] == [("suppressions: a.py", True)]
