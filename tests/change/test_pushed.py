from __future__ import annotations

import pytest

from reviewer.change.pushed import EMPTY_TREE, pushed_range
from reviewer.errors import UsageError


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"PRE_COMMIT_FROM_REF": "aa", "PRE_COMMIT_TO_REF": "bb"}, "aa..bb"),
        ({"PRE_COMMIT_FROM_REF": "0" * 40, "PRE_COMMIT_TO_REF": "bb"}, f"{EMPTY_TREE}..bb"),
        ({"PRE_COMMIT_LOCAL_BRANCH": "refs/heads/x"}, f"{EMPTY_TREE}..refs/heads/x"),
    ],
)
def test_the_range_that_pre_commit_names(env: dict[str, str], expected: str) -> None:
    assert pushed_range(env) == expected


def test_nothing_is_pushed_outside_a_hook() -> None:
    with pytest.raises(UsageError, match="nothing says what is being pushed"):
        pushed_range({})
