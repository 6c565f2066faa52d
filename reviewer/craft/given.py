"""The examples that a description gives by itself, as assert statements."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator

LONGEST = 300
ARROW = re.compile(r"\s*(?:#\s*)?(?:=+>|->|➞|→|➔|==?|should (?:return|be|give)|returns?|gives?|is)\s*:?\s*")


def documented(text: str) -> Iterator[str]:
    """The examples that a description itself gives as an interpreter session."""
    try:
        found = doctest.DocTestParser().get_examples(text)
    except ValueError:
        return
    for example in found:
        try:
            call, want = ast.parse(example.source.strip(), mode="eval").body, example.want.strip()
            ast.literal_eval(want)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
        # What is printed is no value that an assertion could compare.
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"):
            yield f"assert {ast.unparse(call)} == {want}"


def described(text: str, name: str) -> Iterator[str]:
    """What a description says in its own way that a call of `name` gives: `f(2) => 4`, `f(2) returns 4`, `f(2) -> 4`.

    Such lines are prose, and now and then sloppy: (1) may be meant to be a tuple.
    """
    starts = re.finditer(rf"\b{re.escape(name)}\(", text) if name else ()
    for line in (text[found.start() :].split("\n", 1)[0][:LONGEST] for found in starts):
        call = next((line[:n] for n in range(1, len(line) + 1) if line[n - 1] == ")" and _parsed(line[:n])), "")
        arrow = ARROW.match(line, len(call))
        said = line[arrow.end() :].rstrip(" .,;") if call and arrow else ""
        want = next((said[:n] for n in range(len(said), 0, -1) if _is_literal(said[:n]) and _ends(said[n:])), "")
        if want:
            yield ast.unparse(ast.parse(f"assert {call} == {want}"))


def _ends(rest: str) -> bool:
    """Whether a value ends before the rest of its line: `19` in "19 - 5 = 14" is none."""
    rest = rest.lstrip()
    return not rest or rest[0] in "#,;." or rest[0].isalpha()


def _parsed(text: str) -> bool:
    """Whether it is a call with plain values: of `f(a)` nobody can say what it gives."""
    try:
        node = ast.parse(text, mode="eval").body
        if not isinstance(node, ast.Call):
            return False
        return all(_is_literal(ast.unparse(value)) for value in (*node.args, *(k.value for k in node.keywords)))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return False
    return text == text.strip(" ,")
