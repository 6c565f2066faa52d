"""Foreign text as Markdown that shows just that text: no image, link, mention, reference, HTML, formula or heading."""

from __future__ import annotations

import re

from .sanitise import visible

BREAK = "&#8203;"  # a space without width: what it parts is not linked
_CODE = re.compile(r"(?<![`\\])`([^`\n]+)`(?!`)")
_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$]|@|#|\bGH(?=-\d)|\bwww(?=\.)|:(?=//)|:(?=[\w+-]+:)", re.IGNORECASE)
_REFERENCES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "&#36;", "|": "&#124;"}
_BEGINS = re.compile(r"^(\s*)([-+=>]|\d+(?=[.)]))")
_TICKS = re.compile(r"`+")


def prose(text: str) -> str:
    """Text of a model or a tool as one line; what it put in single backticks stays code."""
    line = visible(" ".join(text.split()), lines=False)
    parts = _CODE.split(line)
    return "".join(code(part) if index % 2 else _escaped(part, index == 0) for index, part in enumerate(parts))


def code(text: str) -> str:
    """A code span; its ticks are more than any in a row inside."""
    line = visible(text, lines=False)
    ticks = "`" * (_longest(line) + 1)
    pad = " " if line[:1] in {"`", " "} or line[-1:] in {"`", " "} or not line else ""
    return f"{ticks}{pad}{line or ' '}{pad}{ticks}"


def block(text: str, language: str = "") -> str:
    """A fenced block; its fence is longer than any in the text."""
    shown = visible(text).rstrip("\n")
    fence = "`" * max(3, _longest(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _longest(text: str) -> int:
    return max((len(ticks) for ticks in _TICKS.findall(text)), default=0)


def _escaped(text: str, first: bool) -> str:
    escaped = _SPECIAL.sub(_harmless, text)
    return _BEGINS.sub(rf"\1{BREAK}\2", escaped) if first else escaped


def _harmless(found: re.Match[str]) -> str:
    """Punctuation with a backslash, or a reference where GitHub looks before Markdown does; else a break after it."""
    mark = found[0]
    if mark in "\\`*_[]~":
        return f"\\{mark}"
    return _REFERENCES.get(mark, f"{mark}{BREAK}")
