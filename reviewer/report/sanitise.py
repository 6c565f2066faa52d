"""Makes foreign text harmless: what a terminal or an editor would obey, or not show, becomes visible."""

from __future__ import annotations

import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
JOINERS = frozenset({0x200C, 0x200D})  # they hold emoji and some scripts together, and reorder nothing


class _Visible(dict[int, str]):
    """A translation table that is made as characters come up."""

    def __missing__(self, code: int) -> str:
        shown = _shown(code)
        self[code] = shown
        return shown


def _shown(code: int) -> str:
    if code in JOINERS or unicodedata.category(chr(code)) not in HIDDEN:
        return chr(code)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_LINES = _Visible({ord("\n"): "\n", ord("\t"): "\t"})
_ONE_LINE = _Visible()


def visible(text: str, *, lines: bool = True) -> str:
    """The text with control characters (ESC as \N{SYMBOL FOR ESCAPE}), C1, bidi and other invisible controls and lone
    surrogates written out.

    With `lines`, new lines and tabs stay, and CRLF becomes a new line; without, the result is one line.
    """
    return text.replace("\r\n", "\n").translate(_LINES) if lines else text.translate(_ONE_LINE)


def well_formed(text: str) -> str:
    """The text with lone surrogates written out as escapes, so that it can be encoded as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
