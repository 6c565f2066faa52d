from __future__ import annotations

import os
from pathlib import Path

import pytest

from reviewer.foreign import from_json, from_toml, records_at, text_at

DEEP = 20_000


@pytest.mark.parametrize("text", ["[" * DEEP, '{"a":' * DEEP, "", "{"])
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(text)


@pytest.mark.parametrize("text", ["a = " + "[" * DEEP, "a = " + "9" * 5000, "a"])
def test_what_is_no_toml_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_toml(text)


def test_a_report_is_read_to_its_limit_and_what_is_no_object_is_left_out(tmp_path: Path) -> None:
    report = tmp_path / "report"
    report.write_text('5\n{"a": 1}\n[]\n\n{"b"\n{"c": 2}\n')
    assert list(records_at(report)) == [{"a": 1}, {"c": 2}]
    assert text_at(report, 3) == "5\n{"


def test_what_was_put_in_the_place_of_a_report_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}")
    (tmp_path / "link").symlink_to("secret")
    os.mkfifo(tmp_path / "pipe")
    assert [text_at(tmp_path / name) for name in ("link", "pipe", "absent", ".")] == [""] * 4
