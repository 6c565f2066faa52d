"""Whether prose names only what is there: a small model likes to tell of helpers that nobody wrote."""

from __future__ import annotations

import builtins
import keyword
import re

# What is meant as a name of code: in ticks, called, or with an underscore in it.
MEANT = re.compile(r"`([^`\n]+)`|\b([A-Za-z]\w*(?:\.\w+)*)\(\)|\b([A-Za-z]\w*_\w*)\b")
WORD = re.compile(r"[^\W\d]\w*")
ALWAYS = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | {"self", "cls"}


def unfounded(text: str, *sources: str) -> tuple[str, ...]:
    """The names of code in a text that none of the sources has, and Python neither."""
    known = {word for source in sources for word in WORD.findall(source)} | ALWAYS
    found = [word for groups in MEANT.findall(text) for part in groups for word in WORD.findall(part)]
    return tuple(dict.fromkeys(word for word in found if word not in known))
