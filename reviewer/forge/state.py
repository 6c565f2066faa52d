"""What llm-review has said of a pull request before, read from its own comments alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

_MARK = re.compile(r"<!-- llm-review (\w[\w-]*) -->\s*\Z")
_STATE = re.compile(r"<!-- llm-review state (\[[\w\", -]*\]) -->\s*\Z")
SUMMARY = "summary"


def mark(name: str) -> str:
    """A comment's last line, by which it is known again: a fingerprint, or "summary"."""
    return f"<!-- llm-review {name} -->"


def state_mark(said: Iterable[str]) -> str:
    """The summary's last line: the fingerprints of all that was ever said in a comment of its own."""
    return f"<!-- llm-review state {json.dumps(sorted(said))} -->"


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread that begins with a comment of ours.

    `outdated`: the lines that it is about have changed; `dismissed`: somebody else resolved it.
    """

    id: str
    fingerprint: str
    resolved: bool = False
    outdated: bool = False
    dismissed: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Our threads, the summary comment's id and body ("" and "" without one), and the commit the forge has as head."""

    head: str
    threads: tuple[Thread, ...] = ()
    summary_id: str = ""
    summary: str = ""

    @property
    def said(self) -> frozenset[str]:
        """The fingerprints of all that was ever said in a comment of its own, deleted ones included."""
        found = _STATE.search(self.summary)
        kept = json.loads(found[1]) if found else []
        return frozenset(kept) | {thread.fingerprint for thread in self.threads}

    @property
    def standing(self) -> frozenset[str]:
        """Of these, what must not be said again: all but what we took for mended, which may have come back."""
        mended = {t.fingerprint for t in self.threads if t.resolved and not t.dismissed}
        return self.said - (mended - {t.fingerprint for t in self.threads if t.dismissed or not t.resolved})


def fingerprint_in(body: str) -> str:
    """The fingerprint, or "summary", that a comment ends with; "" for another comment."""
    if _STATE.search(body):
        return SUMMARY
    found = _MARK.search(body)
    return found[1] if found else ""
