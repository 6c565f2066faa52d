"""Other forms of an argument: the same content as a path, a stream, a list, at another place of the earth.

Which of them are tried is told by what the changed code has to do with.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

FORMS = (
    (r"\bos\.|path|fspath|\bopen\(", ("__import__('pathlib').Path({})",)),
    (r"stream|\.read\(|BytesIO|StringIO", ("__import__('io').BytesIO({})", "__import__('io').StringIO({})")),
    (
        r"tzinfo|timezone|datetime|\bdate\b",
        (
            "{}.replace(tzinfo=__import__('datetime').timezone(__import__('datetime').timedelta(hours=14)))",
            "{}.replace(tzinfo=__import__('datetime').timezone(__import__('datetime').timedelta(hours=-12)))",
        ),
    ),
    (r"\bfor\b|\blen\(|\bnext\(|\biter|isinstance", ("iter({})", "list({})", "tuple({})")),
    (r"hash|\bin self\.|\bset\(|\bfloat\(|\bint\(|\bstr\(", ("[{}]", "str({})")),
)
MOST_ARGUMENTS = 3


def wraps_for(text: str) -> tuple[str, ...]:
    """The forms, with `{}` for the argument, that code of this text may see."""
    return tuple(form for pattern, forms in FORMS if re.search(pattern, text) for form in forms)


def wrapped(call: ast.Call, wraps: Sequence[str]) -> Iterator[ast.Call]:
    """The call with one of its first arguments in another form."""
    for at, argument in enumerate(call.args[:MOST_ARGUMENTS]):
        if not isinstance(argument, ast.Starred):
            for form in wraps:
                other = _put(form, argument)
                yield ast.Call(call.func, [*call.args[:at], other, *call.args[at + 1 :]], call.keywords)


def _put(form: str, argument: ast.expr) -> ast.expr:
    """The form with the argument in it."""
    return ast.parse(form.replace("{}", f"({ast.unparse(argument)})"), mode="eval").body
