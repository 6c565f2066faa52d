"""One place, one finding: what several sources say about the same thing becomes one finding with all its sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..finding import Finding, Severity

CWE = re.compile(r"CWE-(\d+)")
SECURITY_RULE = re.compile(r"^(?:ruff/S|bandit/B)(\d{3})$")
CROWD = 3
# Rules of several tools name the same weakness by a CWE and by its parent or sibling.
FAMILIES = {
    child: head
    for head, children in {
        "78": ("77", "88", "94", "95", "96"),
        "20": ("611", "827", "776"),
        "22": ("23", "36", "73", "99"),
        "259": ("321", "798"),
        "327": ("326", "328", "916", "759", "760", "1204"),
        "330": ("338", "337", "339"),
        "79": ("80", "116"),
        "89": ("943",),
        "295": ("296", "297", "599"),
        "614": ("1004", "1275"),
    }.items()
    for child in children
}


def fold(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Merge findings that overlap and are about the same thing, then crowds of notes that start on one line.

    The same thing: the same rule, CWEs of one family, or ruff's S and bandit's B rule of one number. What is merged has
    the strongest proof, the worst severity and every source, the deciding one first. Ordered by file, and by first
    appearance within it.
    """
    same = _merge(findings, _same_thing, _join)
    return tuple(_merge(same, _one_line_notes, lambda group: _crowd(group) if len(group) >= CROWD else None))


def _merge(
    findings: Iterable[Finding],
    related: Callable[[Finding, Finding], bool],
    join: Callable[[Sequence[Finding]], Finding | None],
) -> list[Finding]:
    """Replace each group of related findings by their join, or leave it as it is where the join is None."""
    by_path: dict[str, list[list[Finding]]] = {}
    for one in findings:
        groups = by_path.setdefault(one.location.path, [])
        near = [group for group in groups if any(related(one, other) for other in group)]
        if not near:
            groups.append([one])
            continue
        for group in near[1:]:
            near[0].extend(group)
            groups.remove(group)
        near[0].append(one)
    merged: list[Finding] = []
    for group in (group for groups in by_path.values() for group in groups):
        joined = join(group) if len(group) > 1 else None
        merged.extend([joined] if joined else group)
    return merged


def _same_thing(one: Finding, other: Finding) -> bool:
    a, b = one.location, other.location
    if (a.path, a.side) != (b.path, b.side) or a.start_line > b.end_line or b.start_line > a.end_line:
        return False
    return not topics(one).isdisjoint(topics(other))


def topics(finding: Finding) -> frozenset[str]:
    """What a finding is about, as words that can be compared."""
    rule = SECURITY_RULE.match(finding.rule_id)
    known = {f"security-{rule[1]}"} if rule else set()
    return frozenset({finding.rule_id} | known | {FAMILIES.get(n, n) for n in CWE.findall(finding.message)})


def _join(group: Sequence[Finding]) -> Finding:
    first, *rest = sorted(group, key=_deciding)
    return replace(
        first,
        severity=min((f.severity for f in group), key=lambda s: s.rank),
        sources=tuple(dict.fromkeys(source for f in (first, *rest) for source in f.sources)),
        confidence=max(f.confidence for f in group),
        blocking=any(f.blocking for f in group),
        unit=first.unit or next((f.unit for f in rest if f.unit), ""),
        reproducer=first.reproducer or next((f.reproducer for f in rest if f.reproducer), None),
        suggestion=first.suggestion or next((f.suggestion for f in rest if f.suggestion), None),
        explanation=first.explanation or next((f.explanation for f in rest if f.explanation), ""),
    )


def _deciding(finding: Finding) -> tuple[int, int, bool, int, str]:
    """Proof, then severity, then the message that names a CWE, then the longer one."""
    names_cwe = CWE.search(finding.message) is not None
    return finding.proof.rank, finding.severity.rank, not names_cwe, -len(finding.message), finding.rule_id


def _one_line_notes(one: Finding, other: Finding) -> bool:
    a, b = one.location, other.location
    notes = one.severity is other.severity is Severity.NOTE and one.proof is other.proof
    return notes and (a.path, a.side, a.start_line) == (b.path, b.side, b.start_line)


def _crowd(group: Sequence[Finding]) -> Finding:
    joined = _join(group)
    return replace(joined, message="; ".join(dict.fromkeys(f.message.rstrip(".") for f in group)))
