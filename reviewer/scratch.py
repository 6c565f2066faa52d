"""The one folder that a review writes to, and that is gone after it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from . import process
from .errors import ToolError, UsageError
from .interrupt import deferred, is_late

HINT = "set TMPDIR to a folder with free space, outside the repository"


@contextmanager
def scratch() -> Iterator[Path]:
    """A new folder; removed at the end, also of an interrupted review. Raises UsageError when none can be made.

    After a time limit it is removed by a process that outlives this one, as it may hold whole trees.
    """
    with deferred():
        folder = _made()
    try:
        yield Path(folder.name)
    finally:
        with deferred():
            if is_late():
                _left_to_another(folder.name)
            folder.cleanup()


def _left_to_another(name: str) -> None:
    """Have the folder removed, out of the way already."""
    remover = shutil.which("rm")
    if remover is None:
        return
    away = f"{name}-over"
    with suppress(OSError, ToolError):
        Path(name).rename(away)
        process.detach((remover, "-rf", "--", away))


def _made() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="llm-review-", ignore_cleanup_errors=True)
    except OSError as error:
        raise UsageError(f"no temporary folder can be made: {error.strerror or error}", HINT) from error


def check_outside(folder: Path, root: Path) -> None:
    """Python falls back to the current folder for temporary files. Raises UsageError when that is the repository."""
    if folder.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"the temporary folder {folder.parent} lies in the repository", HINT)
