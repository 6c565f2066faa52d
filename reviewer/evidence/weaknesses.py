"""Weaknesses that bandit and ruff have no rule for, as a source of evidence. See `weakness.rules` for the rules.

Nothing of the reviewed code is imported: its syntax is read, in both versions, and what the base had too is not said.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..change.change import Change, Unit
from ..finding import Category, Finding, Severity
from ..nodes import walk
from ..review import Skipped
from .base import Evidence, Sides, Units
from .remarks import Remark, brought_in, finding, split_lines
from .testfiles import DEFAULT_PATTERNS, serves_tests
from .weakness import rules
from .weakness.answers import answers
from .weakness.crypto import crypto
from .weakness.flow import Walker
from .weakness.mistakes import ENDLESS, GONE, PAST_END, mistakes
from .weakness.names import names_of
from .weakness.parsers import parsers
from .weakness.sinks import sinks

CHECKS = (sinks, answers, crypto, parsers, mistakes)
# A check that was taken away in front of an unchanged line: every rule counts on any line of a changed file.
AT_A_DISTANCE = frozenset(r.slug for r in vars(rules).values() if isinstance(r, rules.Rule))
BUGS = frozenset(rule.slug for rule in (PAST_END, ENDLESS, *GONE.values()))
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


class Weaknesses:
    """The collector. Test files are not looked at."""

    name = "weaknesses"

    def __init__(self, patterns: Sequence[str] = DEFAULT_PATTERNS) -> None:
        """Keep the project's patterns for test modules."""
        self._patterns = patterns

    def collect(self, change: Change, sides: Sides, units: Units) -> Evidence:
        """Look at the changed files, each version as a whole."""
        base: list[Remark] = []
        head: list[Remark] = []
        skipped: list[Skipped] = []
        for file in change.files:
            if not file.is_python or not file.head_blob or serves_tests(file.path, self._patterns):
                continue
            found = read(sides.head, file.path)
            if found is None:
                skipped.append(Skipped(f"weaknesses: {file.path}", "it is not Python that this interpreter can parse"))
                continue
            head += found
            base += (read(sides.base, file.base_path) or []) if found and file.base_blob else []
        fresh = brought_in(change, base, head, AT_A_DISTANCE)
        return Evidence(tuple(_finding(remark, units()) for remark in fresh), tuple(skipped))


def _finding(remark: Remark, units: tuple[Unit, ...]) -> Finding:
    category = Category.BUG if remark.rule in BUGS else Category.SECURITY
    found = finding(remark, category.value, category, Severity(remark.level), units)
    return replace(found, sources=("llm-review",))


def read(folder: Path, path: str) -> list[Remark] | None:
    """What the rules say of one file; [] where it is absent, None where it does not parse."""
    target = folder / path
    if not target.is_file():
        return []
    content = target.read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
        return list(_remarks(tree, path, split_lines(content.decode("utf-8", "surrogateescape"))))
    except UNREADABLE:
        return None


def _remarks(tree: ast.Module, path: str, lines: Sequence[str]) -> Iterator[Remark]:
    nodes = walk(tree)
    for hit in Walker(tree, nodes, names_of(nodes), CHECKS).hits():
        rule = hit.rule
        text = lines[hit.line - 1].strip() if hit.line <= len(lines) else ""
        yield Remark(path, rule.slug, hit.line, hit.end_line, text, rule.message, rule.severity.value, rule.confidence)
