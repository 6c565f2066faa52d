"""Whether prose names only what is there: a small model likes to tell of helpers that nobody wrote.

And whether what it says was added or removed was: it likes to take for the change what the code always did.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections import Counter

# What is meant as a name of code: in ticks, called, or with an underscore in it.
MEANT = re.compile(r"`([^`\n]+)`|\b([A-Za-z]\w*(?:\.\w+)*)\(\)|\b([A-Za-z]\w*_\w*)\b")
WORD = re.compile(r"[^\W\d]\w*")
ADDED = re.compile(r"\b(?:add(?:s|ed)?|introduc(?:es?|ed)|creat(?:es?|ed))\b|新增|添加|增加", re.IGNORECASE)
REMOVED = re.compile(r"\b(?:remov(?:es?|ed)|delet(?:es?|ed)|drop(?:s|ped)?)\b|删除|移除", re.IGNORECASE)
ALWAYS = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | {"self", "cls"}


def unfounded(text: str, *sources: str) -> tuple[str, ...]:
    """The names of code in a text that none of the sources has, and Python neither."""
    known = {word for source in sources for word in WORD.findall(source)} | ALWAYS
    found = [word for groups in MEANT.findall(text) for part in groups for word in WORD.findall(part)]
    return tuple(dict.fromkeys(word for word in found if word not in known))


def contradicted(text: str, base: str, head: str) -> bool:
    """Whether a text says that code was added (or removed) of whose names none is there more (or less) often now.

    A text that says both, neither, or names nothing is not contradicted.
    """
    added, removed = bool(ADDED.search(text)), bool(REMOVED.search(text))
    names = {word for groups in MEANT.findall(text) for part in groups for word in WORD.findall(part)} - ALWAYS
    if added == removed or not names:
        return False
    before, after = (Counter(WORD.findall(side)) for side in (base, head))
    more, less = (after, before) if added else (before, after)
    return not any(more[name] > less[name] for name in names)
