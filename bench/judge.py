"""Judging a report by the facts of a case. Nothing here reads a file or runs a program."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from casekit import Facts, Target
from claims import Claim, Report
from groups import exact, related

TOLERANCE = 3
LONGEST = 10
JUDGED = ("bug", "security", "unsorted")
UNSORTED = "unsorted"
"""The category of a remark whose author does not say of what kind it is: it counts as either."""
BLOCKED_EXIT = 1

Texts = Mapping[tuple[str, str], str]
"""The source of a path on a side: keys are ("base" or "head", path); a file absent on a side is left out."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a report is worth.

    `hit` and `strict`: some claim found the defect, by place or by line alone. `counted` claims are of a judged
    category, `hits` of them hit. `cwe` and `group`: some claim about the file names the weakness of the case, or one of
    its group; on a clean change, where there is none, such a claim is a false alarm.
    `reproduced`: an executed proof, of a claim that hits or, on a clean change, of any.
    """

    hit: bool
    strict: bool
    counted: int
    hits: int
    shown: int
    blocked: bool
    reproduced: bool
    verified: bool
    cwe: bool
    group: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A target on one side of the change: its lines and the line ranges of its functions."""

    lines: frozenset[int]
    functions: tuple[range, ...]


def judge(report: Report, facts: Facts, texts: Texts, exit_code: int | None) -> Judgement:
    """Hold every claim of a report against the facts."""
    hits = [claim for claim in report.claims if hits_target(claim, facts, texts)]
    proofs = report.claims if facts.clean else hits
    weaknesses = _weaknesses(report, facts, texts)
    right = int(facts.cwe.removeprefix("CWE-")) if facts.cwe else 0
    return Judgement(
        hit=bool(hits),
        strict=any(hits_target(claim, facts, texts, by_line=True) for claim in hits),
        counted=sum(claim.category in JUDGED for claim in report.claims),
        hits=len(hits),
        shown=len(report.claims),
        blocked=exit_code == BLOCKED_EXIT or any(claim.blocking for claim in report.claims),
        reproduced=any(claim.proof == "reproduced" for claim in proofs),
        verified=any(claim.verdict == "verified" for claim in report.claims),
        cwe=any(exact(weakness, right) for weakness in weaknesses),
        group=any(related(weakness, right) for weakness in weaknesses),
    )


def _weaknesses(report: Report, facts: Facts, texts: Texts) -> list[int]:
    """The weaknesses that claims at the right place name, whatever category they have; on a clean change, all."""
    claims = [c for c in report.claims if facts.clean or _placed(c, facts, texts, by_line=False)]
    return [weakness for claim in claims for weakness in claim.cwes]


def hits_target(claim: Claim, facts: Facts, texts: Texts, *, by_line: bool = False) -> bool:
    """Whether a claim points at the defect; `by_line`: by its lines, being in the right function is not enough."""
    return claim.category in {facts.category, UNSORTED} and _placed(claim, facts, texts, by_line=by_line)


def _placed(claim: Claim, facts: Facts, texts: Texts, *, by_line: bool) -> bool:
    targets = [target for target in facts.expected if target.path == claim.path]
    return any(target.any_line or _points_at(claim, place(target, claim.side, texts), by_line) for target in targets)


def _points_at(claim: Claim, where: Place, by_line: bool) -> bool:
    end = min(claim.end, claim.start + LONGEST - 1)
    if any(claim.start - TOLERANCE <= line <= end + TOLERANCE for line in where.lines):
        return True
    return not by_line and any(claim.start in function for function in where.functions)


def place(target: Target, side: str, texts: Texts) -> Place:
    """The target's lines and functions as they stand on a side."""
    text = texts.get((side, target.path), "")
    functions = tuple(span for name, span in function_spans(text) if name in target.functions)
    if side == "head":
        return Place(frozenset(target.lines), functions)
    head = texts.get(("head", target.path), "")
    return Place(lines_on_base(text, head, target.lines), functions)


def function_spans(source: str) -> tuple[tuple[str, range], ...]:
    """Qualified names ("Class.method", "outer.inner") and lines, decorators included; none if it does not parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ()
    return tuple(_spans(tree, ""))


def _spans(node: ast.AST, prefix: str) -> list[tuple[str, range]]:
    found: list[tuple[str, range]] = []
    for child in ast.iter_child_nodes(node):
        name = prefix
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}{child.name}."
            if not isinstance(child, ast.ClassDef):
                first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
                found.append((name[:-1], range(first, (child.end_lineno or first) + 1)))
        found += _spans(child, name)
    return found


def lines_on_base(base: str, head: str, lines: Collection[int]) -> frozenset[int]:
    """The base's counterparts of head lines.

    An unchanged line's is itself; that of a changed line, or of the neighbour of a deletion, is every base line that
    the edit replaced, or for a pure addition the line before it.
    """
    edits = difflib.SequenceMatcher(None, base.splitlines(), head.splitlines(), autojunk=False).get_opcodes()
    found: set[int] = set()
    for tag, base_from, base_to, head_from, head_to in edits:
        if tag == "equal":
            found.update(line - head_from + base_from for line in lines if head_from < line <= head_to)
        elif any(head_from <= line <= head_to + 1 for line in lines) and base:
            found.update(range(base_from + 1, base_to + 1) or (max(1, base_from),))
    return frozenset(found)
