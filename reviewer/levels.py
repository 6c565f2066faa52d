"""Severities as the settings want them: which rules are louder, quieter or off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from .finding import Finding, Severity
from .review import Skipped

OFF = "off"
LEVEL = re.compile(rf"(\S+)\s*=\s*({'|'.join(Severity)}|{OFF})")


def level_of(finding: Finding, levels: Sequence[str]) -> str:
    """The finding's severity, or OFF: of `levels`, lines like "bandit/B4* = note", the last that fits decides."""
    fitting = (found[2] for line in reversed(levels) if (found := _fits(line, finding.rule_id)))
    return next(fitting, finding.severity)


def levelled(findings: Iterable[Finding], levels: Sequence[str]) -> tuple[list[Finding], list[Skipped]]:
    """The findings with the severities that are wanted, and those that are off, counted by rule."""
    shown: list[Finding] = []
    off: dict[str, int] = {}
    for finding in findings:
        level = level_of(finding, levels)
        if level == OFF:
            off[finding.rule_id] = off.get(finding.rule_id, 0) + 1
        else:
            shown.append(replace(finding, severity=Severity(level)))
    return shown, [
        Skipped(f"{count} of {rule}", "off in the settings", harmless=True) for rule, count in sorted(off.items())
    ]


def _fits(line: str, rule_id: str) -> re.Match[str] | None:
    found = LEVEL.fullmatch(line)
    return found if found and fnmatchcase(rule_id, found[1]) else None
