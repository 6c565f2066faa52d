"""What every forge has in common: bring what is said of a change up to date, and try again where that may help.

Everything is decided from what the forge has at that moment, so that an attempt that broke off is simply made again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from ..change.change import Change
from ..errors import ForgeError
from ..report.base import counted
from ..review import Review
from .plan import Comment, plan, shown, summary
from .state import State

PAUSES = (2.0, 10.0, 30.0)
TIMEOUT = 30
FAILED, BROKEN, LIMITED = 400, 500, 429


class UnavailableError(Exception):
    """The forge is down, in a hurry, or not reached: the same request may succeed later."""


class Forge(Protocol):
    """One pull or merge request. Every method raises UnavailableError or ForgeError.

    `suggestion` is the word after a fence that makes its block one to apply; `{before}` in it is the number of lines
    before the last one of the comment.
    """

    name: str
    suggestion: str

    def state(self) -> State:
        """What we said before, from comments that this very token wrote."""

    def comment(self, comments: Sequence[Comment]) -> Collection[str]:
        """Post comments; returns the fingerprints of those that the forge took."""

    def resolve(self, thread: str) -> None:
        """Close a thread."""

    def summarise(self, body: str, comment: str) -> None:
        """Write the summary, or, with its id, write it anew where it is."""


def publish(
    forge: Forge,
    review: Review,
    change: Change,
    sources: Mapping[str, Sequence[str]],
    head: str,
    pauses: Sequence[float] = PAUSES,
) -> str:
    """Bring the forge up to date with the review of the commit `head`; returns what was done, in words.

    Raises ForgeError when the token may not write, or the forge did not answer at the last attempt.
    """
    ranges = shown(change, sources)
    return _attempts(forge.name, lambda: _once(forge, review, head, ranges), pauses)


def _once(forge: Forge, review: Review, head: str, ranges: Mapping[str, Sequence[range]]) -> str:
    state = forge.state()
    if state.head != head:
        return "nothing was posted: there is a newer commit"
    made = plan(review, state, ranges, forge.suggestion)
    posted = frozenset(forge.comment(made.comments) if made.comments else ())
    for thread in made.resolve:
        forge.resolve(thread)
    body = summary(review, state.said | posted)
    if body != state.summary:
        forge.summarise(body, state.summary_id)
    return f"{counted(len(posted), 'new comment')}, {counted(len(made.resolve), 'thread')} resolved"


def _attempts(name: str, once: Callable[[], str], pauses: Sequence[float]) -> str:
    """Try, and try again after each pause where the forge's answer says that it may help."""
    for pause in (*pauses, None):
        try:
            return once()
        except UnavailableError as error:
            if pause is None:
                raise ForgeError(
                    f"{name} did not answer: {error}", "run the job again: nothing is said twice"
                ) from error
            time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")
