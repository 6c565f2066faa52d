from __future__ import annotations

import pytest

from reviewer.tasks.names import contradicted, unfounded

CODE = "def parse_all(text):\n    return Reader(text).read()\n"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Parses the text with `Reader.read` and returns `None` or a list.", ()),
        ("Now `parse_all` calls read() of the reader.", ()),
        ("Adds `check_input` before parse_all.", ("check_input",)),
        ("It calls validate() and Reader.close().", ("validate", "close")),
        ("Calls a_helper twice, a_helper once.", ("a_helper",)),
        ("Well-known words, GitHub and JSON are no names of code.", ()),
        ("用 `parse_all` 解析文本，再用 `验证`。", ("验证",)),
    ],
)
def test_names_that_are_nowhere(text: str, names: tuple[str, ...]) -> None:
    assert unfounded(text, CODE) == names


BEFORE = "def scale(n, unit):\n    if unit is None:\n        return n\n    return n * Unit.SECONDS\n"
AFTER = "def scale(n, unit, by=1):\n    return n * Unit.SECONDS * by\n"


@pytest.mark.parametrize(
    ("text", "untrue"),
    [
        ("Added `Unit.SECONDS` to the enum.", True),
        ("The change adds a parameter `by` to `scale`.", False),
        ("Adds a new parameter.", False),
        ("Removed the check of `unit`.", False),
        ("Removes `Unit.SECONDS`.", True),
        ("Removed the check of `unit` and added `by`.", False),
        ("Now multiplies by `Unit.SECONDS`.", False),
        ("新增参数 `by`。", False),
        ("新增 `Unit.SECONDS`。", True),
    ],
)
def test_what_was_said_to_be_added_or_removed(text: str, untrue: bool) -> None:
    assert contradicted(text, BEFORE, AFTER) is untrue


def test_all_of_new_code_is_added() -> None:
    assert not contradicted("Adds `scale`.", "", AFTER)
