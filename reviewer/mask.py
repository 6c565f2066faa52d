"""Keeps secrets that were found in a change out of everything that is shown or kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from .finding import Finding

SHORTEST = 6
SHOWN = 3


def masked(text: str, secrets: Collection[str]) -> str:
    """The text with every secret replaced by its first characters and an ellipsis."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            text = text.replace(secret, f"{secret[:SHOWN]}[...]")
    return text


def masked_findings(findings: Iterable[Finding], secrets: Collection[str]) -> list[Finding]:
    """The findings without the secrets in what they quote, say, print and propose."""
    return [_masked(finding, secrets) if secrets else finding for finding in findings]


def _masked(finding: Finding, secrets: Collection[str]) -> Finding:
    shown, fix = finding.reproducer, finding.suggestion
    return replace(
        finding,
        quote=masked(finding.quote, secrets),
        message=masked(finding.message, secrets),
        explanation=masked(finding.explanation, secrets),
        reproducer=shown and replace(shown, code=masked(shown.code, secrets), output=masked(shown.output, secrets)),
        suggestion=fix and replace(fix, patch=masked(fix.patch, secrets), reason=masked(fix.reason, secrets)),
    )
