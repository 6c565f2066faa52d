"""The commits that are being pushed, as pre-commit names them to a pre-push hook."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import UsageError

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_NONE = "0" * 40


def pushed_range(env: Mapping[str, str]) -> str:
    """ "A..B" out of the variables that pre-commit sets; all of a branch where the remote knows no part of it.

    Raises UsageError outside a pre-push hook.
    """
    start, end = env.get("PRE_COMMIT_FROM_REF"), env.get("PRE_COMMIT_TO_REF")
    if end:
        return f"{start if start and start != _NONE else EMPTY_TREE}..{end}"
    if branch := env.get("PRE_COMMIT_LOCAL_BRANCH"):
        return f"{EMPTY_TREE}..{branch}"
    hint = "it is for pre-commit's pre-push stage; by hand give a range: llm-review diff @{upstream}..HEAD"
    raise UsageError("nothing says what is being pushed", hint)
