from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

from reviewer.reference import MEANINGS, as_markdown, as_toml
from reviewer.settings import USERS_OWN, Settings, load

REFERENCE = Path(__file__).parents[1] / "docs" / "settings.md"


def test_every_setting_has_a_meaning() -> None:
    assert list(MEANINGS) == [field.name for field in fields(Settings)]


def test_the_published_reference_is_the_codes() -> None:
    assert REFERENCE.read_text("utf-8") == as_markdown(), "python -m tests.report.update_gold writes it anew"


def test_the_table_of_init_is_the_defaults_when_its_comments_are_taken_off() -> None:
    text = as_toml()
    assert tomllib.loads(text) == {"tool": {"llm-review": {}}}
    lines = [line.removeprefix("# ") for line in text.splitlines() if " = " in line]
    assert load("[tool.llm-review]\n" + "\n".join(lines), {}) == load(None, {})
    assert len(lines) == len(fields(Settings)) - len(USERS_OWN)
