"""Docstrings in the ways that projects write them."""

from __future__ import annotations

import ast
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from ..tasks.describe import Description
from .example import Example

WIDTH = 88


class Style(StrEnum):
    """How sections are marked: `Args:`, underlined headings, `:param x:`, or none at all."""

    GOOGLE = "google"
    NUMPY = "numpy"
    SPHINX = "sphinx"
    PLAIN = "plain"


SIGNS = {
    Style.GOOGLE: re.compile(r"^\s*(Args|Arguments|Returns|Raises|Yields):\s*$", re.MULTILINE),
    Style.NUMPY: re.compile(r"^\s*(Parameters|Returns|Raises|Yields)\s*\n\s*-{3,}\s*$", re.MULTILINE),
    Style.SPHINX: re.compile(r"^\s*:(param|returns?|raises|rtype)\b", re.MULTILINE),
}


def detect(texts: Iterable[str]) -> Style:
    """The style of most docstrings that have sections; Google's where there is no docstring; else plain."""
    counts: Counter[Style] = Counter()
    several = 0
    for doc in (d for text in texts for d in _docstrings(text)):
        several += 1
        counts.update(style for style, sign in SIGNS.items() if sign.search(doc))
    if counts:
        return counts.most_common(1)[0][0]
    return Style.PLAIN if several else Style.GOOGLE


def _docstrings(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and (doc := ast.get_docstring(node)):
            yield doc


def docstring(said: Description, examples: Iterable[Example], style: Style) -> str:
    """The docstring's text, without quotes or indentation. A field that was dropped is left out."""
    parts = ["\n".join(textwrap.wrap(_sentence(said.purpose), WIDTH))]
    if style is not Style.PLAIN:
        parts += SECTIONS[style](said)
    shown = "\n".join(f">>> {e.call}\n{e.value}" for e in examples if e.value)
    if shown:
        parts.append(HEADINGS.get(style, "{}").format(_inset(style, shown)))
    return "\n\n".join(p for p in parts if p)


def _inset(style: Style, text: str) -> str:
    return textwrap.indent(text, "    ") if style is Style.GOOGLE else text


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "。")) else text + "."


def _google(said: Description) -> Iterator[str]:
    for title, lines in (("Args", said.parameters), ("Raises", said.raises)):
        if title == "Raises" and said.returns:
            yield "Returns:\n" + _wrapped(_sentence(said.returns), "    ", "    ")
        if body := _listed(lines, "    ", "        "):
            yield f"{title}:\n{body}"


def _listed(lines: Mapping[str, str], indent: str, deeper: str) -> str:
    return "\n".join(_wrapped(f"{name}: {_sentence(text)}", indent, deeper) for name, text in lines.items() if text)


def _wrapped(text: str, indent: str, deeper: str) -> str:
    return "\n".join(textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=deeper))


def _numpy(said: Description) -> Iterator[str]:
    returned = {"": said.returns} if said.returns else {}
    for title, lines in (("Parameters", said.parameters), ("Returns", returned), ("Raises", said.raises)):
        rows = [
            f"{name}\n{_wrapped(_sentence(text), '    ', '    ')}".lstrip("\n") for name, text in lines.items() if text
        ]
        if rows:
            yield "\n".join((title, "-" * len(title), *rows))


def _sphinx(said: Description) -> Iterator[str]:
    rows = [_wrapped(f":param {name}: {_sentence(text)}", "", "    ") for name, text in said.parameters.items() if text]
    rows += [_wrapped(f":returns: {_sentence(said.returns)}", "", "    ")] if said.returns else []
    rows += [_wrapped(f":raises {name}: {_sentence(text)}", "", "    ") for name, text in said.raises.items() if text]
    yield "\n".join(rows)


SECTIONS = {Style.GOOGLE: _google, Style.NUMPY: _numpy, Style.SPHINX: _sphinx}
HEADINGS = {Style.GOOGLE: "Examples:\n{}", Style.NUMPY: "Examples\n--------\n{}"}
