"""How grave a proved difference is: most are only worth knowing, for nothing tells whether they were meant."""

from __future__ import annotations

import ast
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from ..finding import Proof, Severity
from .compare import Proved
from .difference import Difference, Kind


@dataclass(frozen=True, slots=True)
class Grade:
    """The rule, and what it weighs. `confidence`: see `Finding`."""

    rule: str
    proof: Proof = Proof.REPRODUCED
    severity: Severity = Severity.ERROR
    confidence: float = 0.95

    @property
    def grave(self) -> bool:
        """More is known than that something is different now."""
        return self.proof is Proof.REPRODUCED


REFUSED = frozenset({Kind.RAISES, Kind.NO_LONGER_RAISES, Kind.OTHER_EXCEPTION})
CHANGED = Grade("behaviour-changed", Proof.TOOL, Severity.NOTE, 0.6)
EXPECTED = Grade("behaviour-changed-as-tested", Proof.TOOL, Severity.NOTE, 0.05)


def grade(difference: Difference, files: Container[str], head: Path, expected: bool) -> Grade:
    """Grave is: what the project promises is broken, or valid input hangs the code or breaks it by accident.

    Valid is what the project itself feeds in; a varied value may be nonsense, but nothing should make code hang.
    `files` are the changed ones, `head` is the folder of the head. `expected`: tests of the change itself speak of the
    unit, and pass; then nothing is grave.
    """
    seed, mutant = difference.variant.seed, difference.variant.mutant
    if expected:
        return EXPECTED
    if difference.contradicts:
        return Grade(seed.promise)
    if difference.kind is Kind.HANGS and seed.known and mutant.typed:
        return Grade("hangs")
    if difference.kind is Kind.RAISES and seed.known and mutant.steps == 0:
        where = difference.other.literal if difference.other else f"{difference.head.path}:{difference.head.line}"
        if where.rpartition(":")[0] in files and not _on_purpose(head, where):
            return Grade("new-exception")
    return CHANGED


def worth_showing(proved: Proved, base: Path, head: Path) -> bool:
    """Not where the base broke down by accident, and the head does not or refuses on purpose: a fix does that.

    Nor where a guessed call of what is private is refused by one side: nobody calls it so.
    """
    difference = proved.difference
    if difference.kind in REFUSED and _guesses_at_private(difference):
        return False
    if difference.sight is None or difference.kind not in {Kind.NO_LONGER_RAISES, Kind.OTHER_EXCEPTION}:
        return True
    if _on_purpose(base, difference.sight.literal):
        return True
    other = difference.other
    return difference.kind is Kind.OTHER_EXCEPTION and other is not None and not _on_purpose(head, other.literal)


def _guesses_at_private(difference: Difference) -> bool:
    called = (
        n.func.id
        for n in ast.walk(difference.variant.plain)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    )
    return not difference.variant.seed.known and any(name.startswith("_") for name in called)


def _on_purpose(root: Path, where: str) -> bool:
    """Whether the statement at "path:line" of a tree raises by itself."""
    path, _, line = where.rpartition(":")
    try:
        tree = ast.parse((root / path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False
    raising = (n for n in ast.walk(tree) if isinstance(n, ast.Raise | ast.Assert))
    return any(n.lineno <= int(line) <= (n.end_lineno or n.lineno) for n in raising)
