"""How code is shown to the model, and how code and prose are read back."""

from __future__ import annotations

import ast
import difflib
import re
import textwrap

from ..change.change import Unit, UnitKind
from ..llm.base import Sample

CODE_LIMIT = 6_000
SIDES_LIMIT = 2_400
REWRITE_LIMIT = 2_400
CONTEXT = 5
FENCE = re.compile(r"```[^\n`]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)


def fits(unit: Unit) -> bool:
    """Whether the unit's head is short enough to be written again."""
    return unit.head is not None and len(unit.head.text) <= REWRITE_LIMIT


def only_imports(unit: Unit) -> bool:
    """Whether there is nothing in the unit but imports and prose, of which nothing need be said."""
    if unit.kind is not UnitKind.BLOCK:
        return False
    try:
        body = [n for span in (unit.base, unit.head) if span for n in ast.parse(textwrap.dedent(span.text)).body]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(isinstance(node, ast.Import | ast.ImportFrom) or _is_docstring(node) for node in body)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def block(text: str, language: str = "python") -> str:
    """A fenced block, without the indentation that all its lines share, in a fence longer than any inside."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{textwrap.dedent(text).rstrip()}\n{fence}\n"


def shown(unit: Unit) -> str:
    """The unit before and after the change; where that is long, what changed with some lines around; "" if that is too.

    Every token that is read costs time: on a CPU the prompt is most of the wait.
    """
    size = sum(len(span.text) for span in (unit.base, unit.head) if span)
    if size <= SIDES_LIMIT or unit.base is None or unit.head is None:
        return _both_sides(unit) if size <= CODE_LIMIT else ""
    base, head = (textwrap.dedent(span.text).splitlines() for span in (unit.base, unit.head))
    lines = list(difflib.unified_diff(base, head, n=CONTEXT, lineterm=""))[2:]
    diff = block("\n".join(lines), "diff")
    return f"The change to {unit.name or unit.path}:\n{diff}" if len(diff) <= CODE_LIMIT else ""


def _both_sides(unit: Unit) -> str:
    language = "python" if unit.path.endswith((".py", ".pyi")) else ""
    before = f"Before:\n{block(unit.base.text, language)}" if unit.base else "Before: nothing, the code is new.\n"
    after = f"After:\n{block(unit.head.text, language)}" if unit.head else "After: nothing, the code was deleted.\n"
    return before + after


def code_in(reply: str) -> str:
    """The code of a reply: its first fenced block, or all of it when there is none."""
    found = FENCE.search(reply)
    return found.group(1) if found else reply


def prose(sample: Sample, limit: int = 300) -> str:
    """An answer as one line; one that was cut ends with its last whole sentence, or shows that it was cut."""
    text = one_line(sample.text, limit)
    if sample.finish == "stop" or not text or text.endswith((".", "。", "…")):
        return text
    stop = max(text.rfind(". "), text.rfind("。"))
    return text[: stop + 1] if stop > 0 else f"{text} …"


def one_line(text: str, limit: int = 300) -> str:
    """Prose as one line, clipped at `limit` characters at a word, whole sentences preferred."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    cut = flat[:limit]
    stop = max(cut.rfind(". "), cut.rfind("。"))
    return cut[: stop + 1] if stop > limit // 3 else cut.rsplit(" ", 1)[0] + " …"
