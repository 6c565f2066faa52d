"""One side of a file as lines, counted as git and Python's parser both count them."""

from __future__ import annotations

import io
import re
import tokenize

from .change import Span
from .regions import Regions, regions

_LONE_RETURN = re.compile(r"\r(?!\n)")


class Source:
    """A blob's lines, split at newlines only, without carriage returns at their ends.

    `problem` says why the text is not what Python would read, or "".
    """

    def __init__(self, data: bytes, python: bool) -> None:
        """Decode as Python does (`python`), or as UTF-8; bytes that cannot be decoded become replacement characters."""
        self.problem = ""
        self._text = self._decoded(data, python)
        self.lines = tuple(line.removesuffix("\r") for line in self._text.removesuffix("\n").split("\n"))
        self.lines = self.lines if self._text else ()
        self.regions = self._cut() if python and not self.problem else None

    def _decoded(self, data: bytes, python: bool) -> str:
        try:
            encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0] if python else "utf-8-sig"
            return data.decode(encoding)
        except (SyntaxError, UnicodeDecodeError, LookupError) as error:
            self.problem = f"it cannot be decoded: {error}"
            return data.decode("utf-8", "replace")

    def _cut(self) -> Regions | None:
        """The regions, or None where the parser's lines cannot be told or are not git's."""
        if _LONE_RETURN.search(self._text):
            return None
        try:
            return regions(self._text, len(self.lines))
        except SyntaxError as error:
            self.problem = f"syntax error on line {error.lineno or 1}: {error.msg}"
        except (ValueError, RecursionError, MemoryError):
            self.problem = "it is too deeply nested, or not text, for Python's parser"
        return None

    def span(self, start: int, end: int) -> Span | None:
        """Those of the lines that exist; None if none do."""
        start, end = max(1, start), min(len(self.lines), end)
        return Span(start, end, "\n".join(self.lines[start - 1 : end])) if start <= end else None

    def is_blank(self, line: int) -> bool:
        """True for a line of white space, and where there is no line."""
        return not 0 < line <= len(self.lines) or not self.lines[line - 1].strip()

    def is_comment(self, line: int) -> bool:
        """True for a line that is only a comment of Python's."""
        return 0 < line <= len(self.lines) and self.lines[line - 1].lstrip().startswith("#")
