"""Ctrl-C and its kin: the first one ends what runs and raises KeyboardInterrupt, so that what was found is reported.

Signals arrive in the main thread, which may be waiting for others: the processes that those wait for are ended here,
and none is started any more. A second signal changes nothing, since the end has begun; a third one ends at once.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 2
INTERRUPTED = 130


class TimeUpError(KeyboardInterrupt):
    """The time that something was given is over: what runs was ended, as by Ctrl-C."""


class _State:
    """What is known in this process: how many signals came, sections that must not be broken off, process groups."""

    def __init__(self) -> None:
        self.turns = itertools.count(1)
        self.arrived = self.late = False
        self.deferred = 0
        self.pending: type[KeyboardInterrupt] | None = None
        self.groups: set[int] = set()

    def take(self, _number: int, _frame: FrameType | None) -> None:
        """The handler."""
        turn = next(self.turns)  # in one step: the next signal may interrupt this very handler
        self.arrived = True
        self.end_groups()
        if turn > PATIENCE:
            os._exit(INTERRUPTED)
        if turn > 1:
            return
        self.leave(KeyboardInterrupt)

    def time_up(self, _number: int, _frame: FrameType | None) -> None:
        """The handler of the clock."""
        if not self.arrived:
            self.arrived = self.late = True
            self.end_groups()
            self.leave(TimeUpError)

    def leave(self, why: type[KeyboardInterrupt]) -> None:
        if self.deferred:
            self.pending = why
            return
        raise why

    def end_groups(self) -> None:
        for group in tuple(self.groups):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGTERM)


_state = _State()


@contextmanager
def handled() -> Iterator[None]:
    """Handle the signals within, but for those that this process was started to ignore (nohup).

    After an interrupt they are ignored, as the process is about to end.
    """
    _state.__init__()  # type: ignore[misc]
    before = {number: signal.getsignal(number) for number in SIGNALS}
    mine = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in mine:
        signal.signal(number, _state.take)
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_IGN if _state.arrived else before[number])


@contextmanager
def deferred() -> Iterator[None]:
    """Let nothing break off what is within; an interrupt is raised after it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _state.deferred += 1
    try:
        yield
    finally:
        _state.deferred -= 1
        if _state.pending and not _state.deferred:
            why, _state.pending = _state.pending, None
            _state.end_groups()
            raise why


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeUpError in what is within when its time is over; for the main thread. After it all is as before."""
    before = signal.signal(signal.SIGALRM, _state.time_up)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
    try:
        yield
    except TimeUpError:
        _state.arrived = False
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def arrived() -> bool:
    """Whether the end has begun: nothing new is to be started."""
    return _state.arrived


def is_late() -> bool:
    """Whether a time limit was reached: what is left to do is to be done quickly."""
    return _state.late


def watch(group: int) -> None:
    """End this process group when a signal comes."""
    _state.groups.add(group)


def unwatch(group: int) -> None:
    """It has ended."""
    _state.groups.discard(group)
