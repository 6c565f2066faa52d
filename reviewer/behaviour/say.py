"""A proved difference as a finding: what was called, what it gave, what it gives now, and how grave that is."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..change.change import FileChange, Unit
from ..finding import Category, Finding, Location, Proof, Reproducer, Severity
from .compare import Proved
from .difference import Difference, Kind
from .looking import Sight
from .reproducer import shown

LIMIT = 120
OUTPUT_LIMIT = 1500


def finding_of(proved: Proved, units: Sequence[Unit], files: Mapping[str, FileChange], head: Path) -> Finding:
    """The finding, on the first changed line that the test ran; `head` is the folder of the head."""
    path, line = _place(proved, files)
    unit = next((u for u in units if u.holds(path, line)), None)
    quote = unit.head.text.split("\n")[line - unit.head.start] if unit and unit.head else ""
    rule, proof, severity = _grade(proved.difference, files, head)
    return Finding(
        rule_id=f"bug/{rule}",
        category=Category.BUG,
        severity=severity,
        proof=proof,
        location=Location(path, line, line),
        quote=quote,
        message=message_of(proved.difference),
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


def worth_showing(proved: Proved, base: Path) -> bool:
    """Not where the base broke down by accident and the head does not: that is what a fix does."""
    difference = proved.difference
    if difference.kind is not Kind.NO_LONGER_RAISES or difference.sight is None:
        return True
    return _on_purpose(base, difference.sight.literal)


def _grade(difference: Difference, files: Mapping[str, FileChange], head: Path) -> tuple[str, Proof, Severity]:
    """The rule, and whether more is known than that something is different now.

    That the documentation says otherwise; that valid input breaks the code by accident, or does not come back.
    """
    valid = difference.variant.seed.known and difference.variant.mutant.typed
    if difference.contradicts:
        return "contradicts-documentation", Proof.REPRODUCED, Severity.ERROR
    if difference.kind is Kind.HANGS and valid:
        return "hangs", Proof.REPRODUCED, Severity.ERROR
    if difference.kind is Kind.RAISES and valid:
        where = difference.other.literal if difference.other else f"{difference.head.path}:{difference.head.line}"
        if where.rpartition(":")[0] in files and not _on_purpose(head, where):
            return "new-exception", Proof.REPRODUCED, Severity.ERROR
    return "behaviour-changed", Proof.TOOL, Severity.NOTE


def _on_purpose(root: Path, where: str) -> bool:
    """Whether the statement at "path:line" of a tree raises by itself."""
    path, _, line = where.rpartition(":")
    try:
        tree = ast.parse((root / path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False
    raising = (n for n in ast.walk(tree) if isinstance(n, ast.Raise | ast.Assert))
    return any(n.lineno <= int(line) <= (n.end_lineno or n.lineno) for n in raising)


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
    was, now = (_value(s) for s in (sight, other))
    return f"`{_clip(what)}` {'gave' if sight.kind != 'raised' else ''} {was}, now {now}".replace("  ", " ")


def _value(sight: Sight) -> str:
    if sight.kind == "raised":
        return f"raised {sight.text}"
    own_words = sight.form in {"repr({})", "str({})"}
    return _clip(str(ast.literal_eval(sight.literal)) if own_words else sight.literal or sight.text)


def _steps(difference: Difference) -> str:
    body = difference.variant.plain.body
    last = ast.unparse(body[-1]) if body else ""
    return f"`{_clip(' '.join(last.split()))}`"


def _clip(text: str) -> str:
    return text if len(text) <= LIMIT else text[: LIMIT - 4] + " ..."
