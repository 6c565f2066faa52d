"""Markdown for a step's summary, a comment or a chat: whole findings, the gravest first, up to a limit."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from ..finding import Finding, Reproducer, Severity, Suggestion, Verdict
from ..review import Receipt, Review
from .base import counted, headline, outcome, proof_words, verdict_words
from .marks import block, code, prose

LARGEST = 900_000  # a step's summary may have 1 MiB
SEVERITIES = {Severity.ERROR: "🔴 error", Severity.WARNING: "🟡 warning", Severity.NOTE: "🔵 note"}
OUTPUT = 4000
PATCH = 8000


def render(review: Review, largest: int = LARGEST) -> str:
    """The report in at most that many bytes (of UTF-8); what does not fit is counted at the end."""
    head = [f"### llm-review: {headline(review)}", *([prose(review.summary)] if review.summary else [])]
    tail = list(_tail(review))
    room = largest - _size(head) - 200
    tail = list(_fitting(tail, room // 2))
    findings = list(_fitting(map(finding_text, review.findings), room - _size(tail)))
    left = len(review.findings) - len(findings)
    rest = [f"{counted(left, 'more finding')} did not fit here."] if left else []
    return "\n\n".join([*head, *findings, *rest, *tail]) + "\n"


def finding_text(finding: Finding) -> str:
    """One finding as Markdown, with its place and what is suggested."""
    place = finding.location
    title = (
        f"#### {SEVERITIES[finding.severity]} · {code(f'{place.path}:{place.start_line}')} · {code(finding.rule_id)}"
    )
    quote = block(finding.quote.strip("\n"), "python" if place.path.endswith(".py") else "")
    parts = [
        title + (" · **blocks**" if finding.blocking else ""),
        *([quote] if finding.quote.strip() else []),
        claim_text(finding),
        *([suggestion_text(finding.suggestion)] if finding.suggestion else []),
    ]
    return "\n\n".join(parts)


def claim_text(finding: Finding) -> str:
    """What a finding says, why, and how to see it."""
    parts = [f"{prose(finding.message)} ({prose(proof_words(finding))})"]
    if finding.explanation:
        parts.append(prose(finding.explanation))
    if finding.reproducer:
        parts.append(reproducer_text(finding.reproducer))
    return "\n\n".join(parts)


def reproducer_text(reproducer: Reproducer) -> str:
    """How to see the defect, folded away."""
    parts = [block(reproducer.command, "sh")]
    if reproducer.code.strip():
        parts.append(block(reproducer.code[:OUTPUT], "python"))
    if reproducer.output.strip():
        parts.append(block(reproducer.output[-OUTPUT:], "text"))
    return _folded(f"See it: {reproducer.base} before, {reproducer.head} after", parts)


def suggestion_text(suggestion: Suggestion, *, patch: bool = True) -> str:
    """What is suggested and what execution said of it; a refuted patch is not shown, nor any without `patch`."""
    words = f"**Suggestion**: {prose(suggestion.description)} ({prose(verdict_words(suggestion))})"
    if not patch or not suggestion.patch.strip() or suggestion.verdict is Verdict.REFUTED:
        return words
    return f"{words}\n\n{block(suggestion.patch[:PATCH], 'diff')}"


def _tail(review: Review) -> Iterator[str]:
    explained = [
        f"- {code('::'.join(filter(None, (e.path, e.name))))}: {prose(e.told)}" if e.path else f"- {prose(e.told)}"
        for e in review.explanations
    ]
    if explained:
        yield _folded("What the change does", ["\n".join(explained)])
    tests = review.tests
    if tests.selected or tests.head:
        yield f"**Tests**: base {outcome(tests.base)}; head {outcome(tests.head)}"
    if review.skipped:
        skipped = sorted(review.skipped, key=lambda s: s.harmless)
        yield "**Not done**\n\n" + "\n".join(f"- {code(s.what)}: {prose(s.reason)}" for s in skipped)
    yield _folded("Receipt", [_receipt(review)])


def _receipt(review: Review) -> str:
    receipt: Receipt = review.receipt
    lines = [f"- trees {code(review.base[:10])} → {code(review.head[:10])}", f"- {receipt.seconds:.1f} s"]
    if model := receipt.model:
        where = "remote: code left the machine" if model.remote else "on the machine that ran it"
        digest = f", sha256 {code(model.sha256[:12])}" if model.sha256 else ""
        lines.append(f"- model {code(model.name)}, {where}{digest}")
    else:
        lines.append("- no model was used")
    lines += [f"- {prose(key)}: {prose(value)}" for key, value in receipt.isolation.items()]
    lines += [f"- {code(shlex.join(run.argv)[:200])}: {_ended(run.exit_code)}" for run in receipt.commands]
    return "\n".join(lines)


def _ended(exit_code: int | None) -> str:
    return "killed at its limit" if exit_code is None else f"exit {exit_code}"


def _folded(title: str, parts: Iterable[str]) -> str:
    inside = "\n\n".join(parts)
    return f"<details><summary>{prose(title)}</summary>\n\n{inside}\n\n</details>"


def _fitting(parts: Iterable[str], room: int) -> Iterator[str]:
    for part in parts:
        room -= len(part.encode("utf-8")) + 2
        if room < 0:
            return
        yield part


def _size(parts: Iterable[str]) -> int:
    return sum(len(part.encode("utf-8")) + 2 for part in parts)
