from __future__ import annotations

import json
from pathlib import Path

import pytest

from reviewer.errors import UsageError
from reviewer.report.write import Wanted, check, parse_formats, write
from reviewer.review import Review

REVIEW = Review("a" * 40, "b" * 40)


def test_a_format_goes_to_its_file_or_to_standard_output() -> None:
    assert parse_formats(["terminal", "json=out=1.json"]) == (
        Wanted("terminal", None),
        Wanted("json", Path("out=1.json")),
    )


def test_every_report_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = parse_formats(["terminal", f"json={tmp_path / 'x.json'}"])
    check(wanted)
    write(REVIEW, wanted, {}, verbose=False)
    assert capsys.readouterr().out == "Nothing to review.\n"
    assert json.loads((tmp_path / "x.json").read_text())["complete"] is True


def test_a_check_makes_no_file(tmp_path: Path) -> None:
    check(parse_formats([f"json={tmp_path / 'x.json'}"]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["no/such/x.json", "."])
def test_a_file_that_cannot_be_made_is_refused_before_and_after(tmp_path: Path, name: str) -> None:
    wanted = (Wanted("json", tmp_path / name),)
    with pytest.raises(UsageError, match="cannot write"):
        check(wanted)
    with pytest.raises(UsageError, match="cannot write"):
        write(REVIEW, wanted, {}, verbose=False)
