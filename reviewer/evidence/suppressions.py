"""New comments that silence a tool. They hide nothing from this review, but a person should know of them."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..change.change import Change, Unit
from ..finding import Category, Finding, Severity
from ..review import Skipped
from .base import Evidence, Sides, Units
from .remarks import Remark, SourceLines, brought_in, finding

DIRECTIVE = re.compile(
    r"#\s*(noqa\b[^#]*|nosec\b[^#]*|nosemgrep\b[^#]*|(?:ruff|flake8)\s*:\s*(?:noqa|ignore|disable)\b[^#]*"
    r"|type:\s*ignore\b[^#]*|mypy:\s*[^#]*|pyright:\s*[^#]*|pylint:\s*(?:disable|skip-file)[^#]*)",
    re.IGNORECASE,
)


class Suppressions:
    """The collector: each new directive on a changed line of the head is a note."""

    name = "suppressions"

    def collect(self, change: Change, sides: Sides, units: Units) -> Evidence:
        """Look at the comments of the changed files."""
        head: list[Remark] = []
        skipped: list[Skipped] = []
        for file in change.files:
            if file.is_python and file.head_blob:
                found, reason = _scan(sides.head, file.path)
                head += found
                skipped += [Skipped(f"suppressions: {file.path}", reason, harmless=True)] if reason else []
        old = (f.base_path for f in change.files if head and f.is_python and f.base_blob)
        fresh = brought_in(change, [r for path in old for r in _scan(sides.base, path)[0]], head)
        return Evidence(tuple(_finding(remark, sides.head, units()) for remark in fresh), tuple(skipped))


def _finding(remark: Remark, folder: Path, units: tuple[Unit, ...]) -> Finding:
    quote = SourceLines(folder).line(remark.path, remark.start_line)
    found = finding(remark, "style", Category.STYLE, Severity.NOTE, units)
    return replace(found, quote=quote, sources=("llm-review",))


def _scan(folder: Path, path: str) -> tuple[list[Remark], str]:
    """The directives of a file, and why the rest of it could not be read, or ""."""
    target = folder / path
    remarks: list[Remark] = []
    try:
        if target.is_file():
            remarks.extend(_directives(target.read_bytes(), path))
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):
        return remarks, "its comments could not all be read: it is not Python that this interpreter can tokenise"
    return remarks, ""


def _directives(content: bytes, path: str) -> Iterator[Remark]:
    if not DIRECTIVE.search(content.decode("latin-1")):
        return  # what every directive has is ASCII, and tokenising a large file takes seconds
    for token in tokenize.tokenize(io.BytesIO(content).readline):
        if token.type == tokenize.COMMENT:
            for match in DIRECTIVE.finditer(token.string):
                row, text = token.start[0], " ".join(match[0].split())
                yield Remark(path, "new-suppression", row, row, text, f"a new `{text}` keeps tools silent here")
