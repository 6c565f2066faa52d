"""HTML that cannot be made without escaping: what is not `Html` already is text, made visible and escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from .sanitise import visible

VOID = frozenset({"meta", "input", "br"})
_CODE = re.compile(r"(?<![`\\])`([^`\n]+)`(?!`)")


class Html(str):
    """Markup that is safe to be put into a page; only this module makes it out of text."""

    __slots__ = ()


def text(words: str) -> Html:
    """Foreign text; new lines and tabs stay."""
    return Html(escape(visible(words)))


def join(parts: Iterable[Html | str]) -> Html:
    """The parts one after another."""
    return Html("".join(part if isinstance(part, Html) else text(part) for part in parts))


def el(tag: str, *inside: Html | str, **attributes: str | bool) -> Html:
    """An element. Attribute names have `_` for `-`, and one at the end is dropped (`class_`); False leaves one out."""
    words = "".join(_attribute(name, value) for name, value in attributes.items() if value is not False)
    return Html(f"<{tag}{words}>" if tag in VOID else f"<{tag}{words}>{join(inside)}</{tag}>")


def _attribute(name: str, value: str | bool) -> str:
    shown = name.rstrip("_").replace("_", "-")
    return f" {shown}" if value is True else f' {shown}="{escape(visible(str(value), lines=False))}"'


def prose(words: str) -> Html:
    """Text of a model or a tool; what it put in single backticks is code, and nothing else is markup."""
    parts = _CODE.split(words)
    return join(el("code", part) if index % 2 else part for index, part in enumerate(parts))
