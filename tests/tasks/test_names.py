from __future__ import annotations

import pytest

from reviewer.tasks.names import unfounded

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
