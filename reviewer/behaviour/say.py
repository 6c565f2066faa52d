"""A proved difference as a finding: what was called, what it gave, what it gives now,"""

from __future__ import annotations

import ast
import shlex
from collections.abc import Mapping, Sequence

from ..change.change import FileChange, Unit
from ..finding import Category, Finding, Location, Reproducer
from .compare import Proved
from .difference import Difference, Kind
from .grade import Grade
from .looking import Sight
from .reproducer import shown

LIMIT = 120
OUTPUT_LIMIT = 1500


def finding_of(proved: Proved, units: Sequence[Unit], files: Mapping[str, FileChange], grade: Grade) -> Finding:
    """The finding, on the first changed line that the test ran."""
    path, line = _place(proved, files)
    unit = next((u for u in units if u.holds(path, line)), None)
    quote = unit.head.text.split("\n")[line - unit.head.start] if unit and unit.head else ""
    return Finding(
        rule_id=f"bug/{grade.rule}",
        category=Category.BUG,
        severity=grade.severity,
        proof=grade.proof,
        location=Location(path, line, line),
        quote=quote,
        message=message_of(proved.difference),
        sources=("behaviour",),
        unit=unit.name if unit else "",
        confidence=grade.confidence,
        reproducer=Reproducer(
            code=proved.shown,
            command=f"python -m pytest {shlex.quote(proved.node_id)}",
            base="pass",
            head="fail",
            output=proved.output[-OUTPUT_LIMIT:],
        ),
    )


def _place(proved: Proved, files: Mapping[str, FileChange]) -> tuple[str, int]:
    head = proved.difference.head
    if head.path in files and head.line in files[head.path].changed_head_lines:
        return head.path, head.line
    for path, lines in proved.ran.items():
        if path in files and lines:
            return path, lines[0]
    path, file = next(iter(files.items()))
    return path, min(file.changed_head_lines, default=1)


def message_of(difference: Difference) -> str:
    """In one line: `f("a  b")` was 'a-b', is 'a--b'."""
    sight, other = difference.sight, difference.other
    if sight is None or other is None:
        steps = f"`{_clip(_last_step(difference))}`"
        if difference.kind is Kind.HANGS:
            return f"{steps} does not end any more"
        before = f"raised {difference.base.raised}" if difference.base.raised else "did not before"
        return f"{steps} now raises {difference.head.raised}, and {before}"
    what, literal = shown(difference.variant.plain, sight.number), sight.form == other.form == "{}"
    if what.isidentifier() and sight.form == other.form and sight.literal and other.literal:
        what, literal = sight.form.format(what), True  # what became of an object: in the form that the test has
    was, now = (_value(s, literal) for s in (sight, other))
    return f"`{_clip(what)}` {'gave' if sight.kind != 'raised' else ''} {was}, now {now}".replace("  ", " ")


def _value(sight: Sight, literal: bool) -> str:
    if sight.kind == "raised":
        return f"raised {sight.text}"
    if sight.form in {"repr({})", "str({})"} and not literal:
        return _clip(str(ast.literal_eval(sight.literal)))
    return _clip(sight.literal if sight.literal and (literal or sight.form == "{}") else sight.text)


def _last_step(difference: Difference) -> str:
    """What the last step of the test calls, in one line."""
    body = difference.variant.plain.body
    last = body[-1].test if body and isinstance(body[-1], ast.Assert) else body[-1] if body else None
    last = last.left if isinstance(last, ast.Compare) else last
    return " ".join(ast.unparse(last).split()) if last else ""


def _clip(text: str) -> str:
    return text if len(text) <= LIMIT else text[: LIMIT - 4] + " ..."
