from __future__ import annotations

import pytest

from reviewer.tasks.prompt import block, code_in, one_line


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("Here:\n```python\nx = 1\n```\nDone", "x = 1"),
        ("```\nx = 1\n", "x = 1\n"),
        ("x = 1", "x = 1"),
        ("```py\nx = '``'\n```\n```\ny\n```", "x = '``'"),
    ],
)
def test_code_is_taken_out_of_the_first_fence(reply: str, code: str) -> None:
    assert code_in(reply) == code


def test_a_fence_is_longer_than_any_inside() -> None:
    assert block("a = '''````'''").startswith("`````python\n")


def test_prose_is_clipped_at_a_sentence() -> None:
    assert one_line("One two three. Four five six", 20) == "One two three."
    assert one_line("word " * 10, 12) == "word word …"
