"""What every reporter shares: the words for proofs and verdicts, and the one-line answer. No format is known here."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable

from ..finding import Counts, Finding, Proof, Severity, Side, Suggestion, Verdict
from ..review import Review, Skipped


def counted(number: int, noun: str) -> str:
    """ "1 file", "2 files"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def ago(moment: float) -> str:
    """How long ago a time (in seconds since the epoch) was, in minutes."""
    minutes = max(0, int((time.time() - moment) / 60))
    return f"{counted(minutes, 'minute')} ago" if minutes else "just now"


def is_clean(review: Review) -> bool:
    """True only for a complete review without a finding."""
    return review.complete and not review.findings


def missing(review: Review) -> tuple[Skipped, ...]:
    """What a reviewer would have wanted and was not done."""
    return tuple(s for s in review.skipped if not s.harmless)


def headline(review: Review) -> str:
    """The answer in one line; the word "clean" is only ever said of a complete review."""
    units = f", {counted(len(review.receipt.units), 'unit')}" if review.receipt.units or review.receipt.model else ""
    done = f"{counted(len(review.receipt.files), 'file')}{units} reviewed"
    if is_clean(review):
        if not review.receipt.files:
            return "Nothing to review."
        return f"Clean: {done}{_passing(review)}."
    parts = [_tally(review.findings)]
    if review.interrupted:
        parts.append("INTERRUPTED before the end")
    if gaps := missing(review):
        parts.append(f"INCOMPLETE: {counted(len(gaps), 'thing')} could not be reviewed")
    return f"{'; '.join(parts)} ({done})."


def _passing(review: Review) -> str:
    head = review.tests.head
    if not head or not head.passed or head.failed:
        return ""
    return "; no test notices this code" if review.tests.canary == "missed" else f"; {tests_pass(head)}"


def _tally(findings: Iterable[Finding]) -> str:
    findings = tuple(findings)
    if not findings:
        return "No findings in what was reviewed"
    numbers = [(sum(f.severity is s for f in findings), s.value) for s in Severity]
    kinds = ", ".join(counted(n, word) for n, word in numbers if n)
    blocking = sum(f.blocking for f in findings)
    return f"{counted(len(findings), 'finding')} ({kinds})" + (f", {blocking:,} blocking" if blocking else "")


def tests_pass(counts: Counts) -> str:
    """ "12 tests pass", "1 test passes"."""
    return "1 test passes" if counts.passed == 1 else f"{counts.passed:,} tests pass"


def outcome(counts: Counts | None) -> str:
    """ "11 pass, 1 fails", or "not run"."""
    if counts is None:
        return "not run"
    parts = [f"{counts.passed:,} pass"]
    if counts.failed:
        parts.append(f"{counts.failed:,} fail")
    if counts.skipped:
        parts.append(f"{counts.skipped:,} skipped")
    return ", ".join(parts)


def proof_words(finding: Finding) -> str:
    """What stands behind a finding, in words."""
    sources = ", ".join(finding.sources)
    words = {
        Proof.REPRODUCED: "reproduced by execution",
        Proof.TOOL: f"reported by {sources}",
        Proof.MODEL: "the model's opinion, not proved",
    }
    return words[finding.proof]


def verdict_words(suggestion: Suggestion) -> str:
    """What execution said of a suggestion, in words that claim no more than that."""
    after = f"; {tests_pass(suggestion.after)}" if suggestion.after else ""
    reason = f": {suggestion.reason}" if suggestion.reason else ""
    words = {
        Verdict.VERIFIED: f"verified: {suggestion.reason or 'the failing test passes with it'}{after}",
        Verdict.PASSES: f"{_passes(suggestion)}{after}",
        Verdict.REFUTED: f"refuted{reason}",
        Verdict.NOT_RUN: f"not executed{reason}",
    }
    faster = f"; measured {suggestion.speedup:.1f} times as fast" if suggestion.speedup else ""
    return words[suggestion.verdict] + faster


def _passes(suggestion: Suggestion) -> str:
    if suggestion.before and suggestion.before.failed:
        return f"the tests that passed pass with it, and {suggestion.before.failed} failed before"
    return "tests pass with it, and none failed before"


def unique_ids(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Each finding's fingerprint; those that are equal (the same line twice in one function) get a number."""
    seen: Counter[str] = Counter()
    ids = []
    for finding in findings:
        mark = finding.fingerprint
        seen[mark] += 1
        ids.append(mark if seen[mark] == 1 else f"{mark}-{seen[mark]}")
    return tuple(ids)


def on_head(finding: Finding) -> bool:
    """Whether the finding's lines are in the version that others look at."""
    return finding.location.side is Side.HEAD


def plain_message(finding: Finding) -> str:
    """The message with what stands behind it, for formats that have one text for a finding."""
    place = "" if on_head(finding) else f" (line {finding.location.start_line} of the version before the change)"
    explained = f" {finding.explanation}" if finding.explanation else ""
    return f"{finding.message} ({proof_words(finding)}){place}{explained}"


def clipped(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 4]} ..."
