"""JSON and TOML that others wrote: what it says, or ValueError.

Python's parsers also raise RecursionError, for what nests deeper than its stack: easily forgotten where a file is read.
"""

from __future__ import annotations

import json
import os
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DEEP = "it is nested too deeply"
LIMIT = 64 * 1024 * 1024


def from_json(text: str | bytes) -> Any:
    """The value of a JSON text. Raises ValueError when it is none."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError(DEEP) from error


def from_toml(text: str) -> dict[str, Any]:
    """The table of a TOML text. Raises ValueError when it is none."""
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError(DEEP) from error


def text_at(path: Path, limit: int = LIMIT) -> str:
    """The beginning of a file that code under review could write, at most `limit` bytes; "" where there is none.

    No link is followed, and nothing is waited for: it may have been put there in place of the file.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        return ""
    with os.fdopen(number, "rb") as stream:
        return stream.read(limit).decode("utf-8", "replace")


def records_at(path: Path, limit: int = LIMIT) -> Iterator[dict[str, Any]]:
    """The JSON objects in such a file, one a line; what is none is left out, a last line that was cut too."""
    for line in text_at(path, limit).split("\n"):
        try:
            value = from_json(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            yield value
