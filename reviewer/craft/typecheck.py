"""What the project's mypy has against a new text of a file that it had not against the old one."""

from __future__ import annotations

import re
from collections import Counter

from ..verify.inplace import replaced
from .box import Box

SECONDS = 120.0
FLAGS = ("--no-error-summary", "--no-color-output", "--follow-imports=silent", "--ignore-missing-imports")
ERROR = re.compile(r"^[^:]+:\d+(?::\d+)?: error: (.*)$", re.MULTILINE)


def objections(box: Box, old: str, new: str) -> tuple[str, ...] | None:
    """The errors that come with the new text; None where mypy is not installed, or the file is in no project."""
    before, after = (_errors(box, text) for text in (old, new))
    return None if before is None or after is None else tuple((after - before).elements())


def _errors(box: Box, text: str) -> Counter[str] | None:
    if box.tree is None:
        return None
    scratch = box.folder / "mypy"
    scratch.mkdir(exist_ok=True)
    flags = (*FLAGS, f"--cache-dir={scratch / 'cache'}", box.name)
    with replaced(box.tree, {box.name: text.encode("utf-8", "surrogateescape")}):
        argv = (str(box.interpreter.path), "-m", "mypy", *flags)
        done = box.sandbox.run(argv, snapshot=box.tree, scratch=scratch, timeout=SECONDS)
    # 1: it found errors; 2: it could not work, or a file has a syntax error; a module that is missing ends with 1 too.
    said = done.stdout.decode("utf-8", "replace")
    missing = b"No module named" in done.stderr
    return None if missing or done.exit_code not in {0, 1} else Counter(ERROR.findall(said))
