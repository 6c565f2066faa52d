"""Ask for code from a description, in any language, and for assertions that test it.

The assertions come from the description alone, in a request of their own: who wrote the code must not grade it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..llm.base import Request
from .prompt import block, code_in
from .session import SYSTEM, Session

CODE = (
    "Write Python code for the request below: one function or class with type hints and a short docstring, and the "
    "imports it needs. No examples of use and no main program. Answer with one code block.\n\n"
)
TESTS = (
    "Below are a request and the signature of the code that answers it. Write eight assert statements that test the "
    "code, one on each line, each with different arguments; think of edge cases. Use literal values. "
    "Answer with one code block.\n\n"
)
CODE_TOKENS, TEST_TOKENS = 700, 260
WARM = 0.8
MOST_TESTS = 10
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the description, the signature (a line that begins with def or class, or ""), examples.

    Examples are Python expressions that must be true, or assert statements. `context` is code that it goes into, in
    outline, `owner` the class whose method it becomes; or "".
    """

    text: str
    signature: str = ""
    examples: tuple[str, ...] = ()
    context: str = ""
    owner: str = ""

    @property
    def name(self) -> str:
        """The name in the signature, or ""."""
        words = self.signature.replace("(", " ").replace(":", " ").split()
        return words[words.index("class" if "class" in words else "def") + 1] if len(words) > 1 else ""


def samples(session: Session, wish: Wish, number: int) -> Iterator[str]:
    """Code that parses, one sample at a time: the likeliest first, then others that were drawn at random.

    Where no signature was given, the first sample's is asked of the others. Raises ModelError when the engine fails.
    """
    first = next(_ask(session, wish, 0.0, 1), "")
    if first:
        yield first
    fixed = replace(wish, signature=wish.signature or signature_of(first, wish.text))
    if number > 1:
        yield from _ask(session, fixed, WARM, number - 1)


def _ask(session: Session, wish: Wish, temperature: float, number: int) -> Iterator[str]:
    prompt = _request(wish)
    start = "def " if wish.owner else ""
    request = Request(
        SYSTEM, CODE, prompt, prefill=f"```python\n{start}", max_tokens=CODE_TOKENS, temperature=temperature,
        samples=number, seed=1, stop=("\n```",),
    )  # fmt: skip
    for sample in session.ask(request).samples:
        code = start + code_in(sample.text)
        if sample.finish == "stop" and main_of(code, wish.name) is not None:
            yield code.strip() + "\n"


def _request(wish: Wish) -> str:
    parts = [f"Request: {wish.text.strip()}\n"]
    if wish.context:
        what = f"Only a new method of the class {wish.owner}" if wish.owner else "Only a new function"
        parts.insert(0, f"{what} is wanted. It goes into this code:\n{block(wish.context)}")
    if wish.signature:
        parts.append(f"Use this signature:\n{block(wish.signature)}")
    if wish.examples:
        parts.append(f"These must hold:\n{block(chr(10).join(wish.examples))}")
    return "".join(parts)


def assertions(session: Session, wish: Wish) -> tuple[str, ...]:
    """Assert statements that call what was asked for, none twice. Raises ModelError when the engine fails."""
    start = f"assert {wish.owner or wish.name}(" if wish.signature.startswith(("def ", "async ")) else "assert "
    request = Request(
        SYSTEM, TESTS, _request(replace(wish, examples=())), prefill=f"```python\n{start}", max_tokens=TEST_TOKENS,
        seed=1, stop=("\n```",),
    )  # fmt: skip
    reply = session.ask(request).samples[0].text
    return tuple(dict.fromkeys(_asserts(start + code_in(reply), wish.name)))[:MOST_TESTS]


def _asserts(text: str, name: str) -> Iterator[str]:
    """The lines that are whole assertions about `name`; a line that was cut does not parse."""
    for line in text.split("\n"):
        try:
            body = ast.parse(line.strip()).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in body:
            if isinstance(node, ast.Assert) and any(_is_called(n, name) for n in ast.walk(node)):
                yield ast.unparse(ast.Assert(node.test))


def _is_called(node: ast.AST, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (isinstance(node, ast.Attribute) and node.attr == name)


def main_of(code: str, name: str = "") -> Definition | None:
    """The function or class that a piece of code is about: the one of that name, else the last public one.

    None where the code does not parse or has none.
    """
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = [n for n in body if isinstance(n, Definition)]
    if name:
        return next((n for n in found if n.name == name), None)
    return next(reversed([n for n in found if not n.name.startswith("_")] or found), None)


def signature_of(code: str, text: str = "") -> str:
    """The first line of what a piece of code is about, or ""; a name that the description has comes first."""
    node = next((n for n in (main_of(code, word) for word in text.split()) if n), None) or main_of(code)
    if node is None:
        return ""
    if isinstance(node, ast.ClassDef):
        return f"class {node.name}:"
    bare = type(node)(**{**dict(ast.iter_fields(node)), "body": [ast.Pass()], "decorator_list": []})
    return ast.unparse(ast.fix_missing_locations(bare)).split("\n")[0].removesuffix(" pass")
