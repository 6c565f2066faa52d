"""What is fed: text as it never comes by itself, and text that looks like what is expected and is not quite."""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
MARKUP = st.text(
    st.sampled_from("\x1b\x07\x9b\u202e\u2066\u200b\ufffe\udcff\x00\r\n\t`*_[]()<>#&|~$!@:/\\-+=.%\"'{}1a "),
    max_size=40,
)
FOREIGN = ANY_TEXT | MARKUP
FILE_NAMES = st.binary(max_size=40).map(os.fsdecode) | MARKUP
NUMBERS = st.integers() | st.sampled_from([10**400, -(10**400), 2**63, 0, -1]) | st.floats()
LEAVES = st.none() | st.booleans() | NUMBERS | ANY_TEXT

PARTS = [
    "def f(a, *, b=1):\n", "class A:\n", "    def m(self):\n", "        return self\n", "    return a\n",
    "    '''doc'''\n", "async def g():\n", "    await x\n", "@deco\n", "    @property\n", "import os\n",
    "from . import y\n", "if x:\n",
    "else:\n", "    pass\n", "try:\n", "except* E:\n", "match x:\n", "    case [1, *_]:\n", "x = (\n", ")\n",
    "'''\n", '"""\n', "\\\n", "# c\n", "    # c\n", "\n", "   \n", "\t\n", "\x0c\n",
    "x = 1; y = 2\n", "lambda: (yield)\n", "é = 'ü'\n", "x = 1\r\n",
    "y = 2\r", "\ufeff", "\x00", "\udcff", "assert f(1) == 2\n", "type X = int\n", "end",
    "    raise ValueError(a) from None\n", "if __name__ == '__main__':\n", "@overload\n", "print(f'{x!r:>{y}}')\n",
]  # fmt: skip
CODE = st.lists(st.sampled_from(PARTS) | st.text(max_size=8), max_size=14).map("".join)
"""Pieces of Python that are whole now and then, and broken in every way otherwise."""

LINES = [
    "a\n",
    "b\n",
    "\n",
    "  c\n",
    "d\r\n",
    "\x0c\n",
    "e\u2028f\n",
    "-- a/x\n",
    "@@ -1 +1 @@\n",
    "\\ No newline\n",
    "end",
]
FILES = st.lists(st.sampled_from(LINES), max_size=12).map("".join)


def json_like(keys: list[str]) -> st.SearchStrategy[Any]:
    """Values of any shape in which the keys that a parser looks for turn up, with values of any type."""
    names = st.sampled_from(keys) | st.text(max_size=4)
    return st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5))


def broken_json(keys: list[str]) -> st.SearchStrategy[str]:
    """JSON, JSON that was cut, JSON that nests deeper than Python's stack, and no JSON."""
    whole = json_like(keys).map(json.dumps)
    cut = st.builds(lambda text, at: text[: at % (len(text) + 1)], whole, st.integers(0, 200))
    deep = st.sampled_from(["[", '{"a":', "[" * 20_000, '{"change":' * 2_000])
    return whole | cut | deep | FOREIGN


# Lines of patches: of files, modes, hunks and content, in no order.
NAMES = st.sampled_from(
    ["a.py", "b c.py", "../out", "/tmp/out", ".git/config", "link/x", "sub/../a.py", "é.py", '"a\\n.py"', "a.py\t1"]
)
HUNK = st.builds("@@ -{},{} +{},{} @@\n".format, *[st.integers(0, 4) | st.just(10**30) for _ in range(4)])
PATCH_LINES = (
    st.builds("--- a/{}\n".format, NAMES)
    | st.builds("+++ b/{}\n".format, NAMES)
    | st.builds("diff --git a/{} b/{}\n".format, NAMES, NAMES)
    | st.builds("rename to {}\n".format, NAMES)
    | st.sampled_from(["--- /dev/null\n", "+++ /dev/null\n", "new file mode 120000\n", "deleted file mode 100644\n"])
    | st.sampled_from(["old mode 100644\nnew mode 100755\n", "GIT binary patch\n", "\\ No newline at end of file\n"])
    | HUNK
    | st.builds("@@ -{} +{} @@\n".format, st.integers(0, 3), st.text("0123456789", max_size=5))
    | st.builds("{}{}".format, st.sampled_from(" +-"), st.sampled_from(LINES))
    | st.sampled_from(["@@ -" + "1" * 5000 + " +1 @@\n", "@@ -1,0 +1,0 @@\n"])
    | st.text(max_size=6)
)
PATCHES = st.lists(PATCH_LINES, max_size=14).map("".join)
