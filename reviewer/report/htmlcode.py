"""Code in colours: every line for itself, out of pygments' tokens. What cannot be coloured is shown plain."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import PurePosixPath
from typing import Any

from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, String, _TokenType

from .htmltag import Html, text
from .sanitise import visible

# A lexer is run on text that may want to keep it busy: few languages, bounded lines, bounded size.
LANGUAGES = {
    ".py": "python", ".pyi": "python", ".pyw": "python", ".toml": "toml", ".yml": "yaml", ".yaml": "yaml",
    ".json": "json", ".cfg": "ini", ".ini": "ini", ".sh": "bash", ".js": "javascript", ".ts": "typescript",
    ".css": "css", ".html": "html", ".sql": "sql", ".go": "go", ".rs": "rust", ".c": "c", ".h": "c", ".java": "java",
}  # fmt: skip
LONGEST_LINE = 1_000
MOST = 100_000
# The first kind that a token is of decides.
CLASSES = (
    (Comment, "c"), (String, "s"), (Number, "m"), (Literal, "m"), (Operator.Word, "k"), (Keyword, "k"),
    (Name.Decorator, "d"), (Name.Function, "f"), (Name.Class, "f"), (Name.Tag, "f"), (Name.Builtin, "b"),
    (Name.Attribute, "b"), (Name.Exception, "b"),
)  # fmt: skip


def size(lines: Sequence[str]) -> int:
    """How much text the lines are."""
    return sum(map(len, lines))


def plain(lines: Sequence[str]) -> list[Html]:
    """The lines without colours."""
    return [text(line) for line in lines]


def coloured(lines: Sequence[str], path: str) -> list[Html]:
    """The lines as HTML, one for each, of the language that the path's ending names."""
    language = LANGUAGES.get(PurePosixPath(path).suffix.lower(), "")
    if not language or size(lines) > MOST or any(len(line) > LONGEST_LINE for line in lines):
        return plain(lines)
    shown = [visible(line).replace("\n", " ") for line in lines]
    made = _split(_lexer(language).get_tokens("\n".join(shown) + "\n"))
    # A lexer that lost or made a line would put everything after it at the wrong number.
    return made[: len(lines)] if len(made) in {len(lines), len(lines) + 1} else plain(lines)


def _split(tokens: Any) -> list[Html]:
    done: list[Html] = []
    line: list[str] = []
    for kind, value in tokens:
        first, *rest = value.split("\n")
        line.append(_span(kind, first))
        for piece in rest:
            done.append(Html("".join(line)))
            line = [_span(kind, piece)]
    done.append(Html("".join(line)))
    return done


def _span(kind: _TokenType, value: str) -> str:
    name = _class(kind)
    return f'<i class="{name}">{escape(value)}</i>' if name and value.strip() else escape(value)


@cache
def _class(kind: _TokenType) -> str:
    return next((name for family, name in CLASSES if kind in family), "")


@cache
def _lexer(language: str) -> Any:
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)
