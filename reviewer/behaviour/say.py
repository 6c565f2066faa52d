"""A proved difference as a finding: what was called, what it gave, what it gives now, and how grave that is."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Mapping, Sequence

from ..change.change import FileChange, Unit
from ..finding import Category, Finding, Location, Proof, Reproducer, Severity
from .compare import Proved
from .difference import Difference, Kind
from .reproducer import shown

LIMIT = 120
OUTPUT_LIMIT = 1500


def finding_of(proved: Proved, units: Sequence[Unit], files: Mapping[str, FileChange]) -> Finding:
    """The finding, on the first changed line that the test ran."""
    difference = proved.difference
    path, line = _place(proved, files)
    unit = next((u for u in units if u.holds(path, line)), None)
    quote = unit.head.text.split("\n")[line - unit.head.start] if unit and unit.head else ""
    return Finding(
        rule_id=f"bug/{_RULES[difference.kind]}",
        category=Category.BUG,
        severity=Severity.NOTE,
        proof=Proof.TOOL,
        location=Location(path, line, line),
        quote=quote,
        message=message_of(difference),
        sources=("behaviour",),
        unit=unit.name if unit else "",
        reproducer=Reproducer(
            code=f"# {proved.path}\n{proved.code}",
            command=f"python -m pytest {shlex.quote(proved.node_id)}",
            base="pass",
            head="fail",
            output=proved.output[-OUTPUT_LIMIT:],
        ),
    )


_RULES = {
    Kind.RAISES: "new-exception",
    Kind.HANGS: "hangs",
    Kind.VALUE: "behaviour-changed",
    Kind.NO_LONGER_RAISES: "no-longer-raises",
    Kind.OTHER_EXCEPTION: "other-exception",
}


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
        now = "does not end" if difference.kind is Kind.HANGS else f"raises {difference.head.raised}"
        return f"{_steps(difference)} {now} with the change, and did not before"
    what = shown(difference.variant.plain, sight.number)
    was, now = (_value(s.kind, s.literal or s.text) for s in (sight, other))
    return f"`{_clip(what)}` {'gave' if sight.kind != 'raised' else ''} {was}, now {now}".replace("  ", " ")


def _value(kind: str, text: str) -> str:
    return f"raised {text}" if kind == "raised" else _clip(text)


def _steps(difference: Difference) -> str:
    body = difference.variant.plain.body
    last = ast.unparse(body[-1]) if body else ""
    return f"`{_clip(' '.join(last.split()))}`"


def _clip(text: str) -> str:
    return text if len(text) <= LIMIT else text[: LIMIT - 4] + " ..."
