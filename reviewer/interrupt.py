"""Ctrl-C and its kin: the first one ends what runs and raises KeyboardInterrupt, so that what was found is reported.

Signals arrive in the main thread, which may be waiting for others: the processes that those wait for are ended here,
and none is started any more. A second signal changes nothing, since the end has begun; a third one ends at once.

Python lets a signal interrupt its own machinery too: a module that is half imported, a lock that is being taken. There
the exception would be lost, or leave a lock that nobody opens again, so it is raised a moment later.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 2
MOMENT = 0.005
# An interrupt that has not ended the program by then was lost, or waits for what will not come: it is raised again.
GRACE = 10.0
MACHINERY = ("/threading.py", "/queue.py", "/_weakrefset.py", "/weakref.py", "/futures/thread.py", "/futures/_base.py")
WAITS = frozenset({"wait", "join", "_wait_for_tstate_lock"})
INTERRUPTED = 130


class TimeUpError(KeyboardInterrupt):
    """The time that something was given is over: what runs was ended, as by Ctrl-C."""


class _State:
    """What is known in this process: how many signals came, sections that must not be broken off, process groups."""

    def __init__(self) -> None:
        self.turns = itertools.count(1)
        self.arrived = self.late = self.armed = False
        self.deferred = 0
        self.pending = False
        self.why: type[KeyboardInterrupt] = KeyboardInterrupt
        self.since = 0.0
        self.groups: set[int] = set()

    def take(self, _number: int, frame: FrameType | None) -> None:
        """The handler."""
        turn = next(self.turns)  # in one step: the next signal may interrupt this very handler
        if turn == 1:
            self.begin(KeyboardInterrupt)
        self.end_groups()
        if turn > PATIENCE:
            os._exit(INTERRUPTED)
        if turn == 1:
            self.leave(frame)

    def alarm(self, _number: int, frame: FrameType | None) -> None:
        """The handler of the clock: a time limit is over, or what was put off is due."""
        if not self.arrived:
            self.late = True
            self.begin(TimeUpError)
            self.end_groups()
        self.leave(frame)

    def begin(self, why: type[KeyboardInterrupt]) -> None:
        self.arrived, self.why, self.since = True, why, time.monotonic()

    def leave(self, frame: FrameType | None) -> None:
        """Raise it, now or as soon as it does no harm."""
        if self.deferred:
            self.pending = True
            return
        if time.monotonic() < self.since + GRACE and _is_machinery(frame):
            self.again(MOMENT)
            return
        self.again(GRACE)
        raise self.why

    def again(self, seconds: float) -> None:
        self.armed = True
        signal.signal(signal.SIGALRM, self.alarm)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def end_groups(self) -> None:
        for group in tuple(self.groups):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGTERM)


def _is_machinery(frame: FrameType | None) -> bool:
    """Whether Python was interrupted in an import, in an object's end, or in its own locks where it does not wait."""
    if frame is not None and _is_between_locks(frame):
        return True
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib") or frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


def _is_between_locks(frame: FrameType) -> bool:
    return frame.f_code.co_filename.endswith(MACHINERY) and frame.f_code.co_name not in WAITS


_state = _State()


@contextmanager
def handled() -> Iterator[None]:
    """Handle the signals within, but for those that this process was started to ignore (nohup).

    After an interrupt they are ignored, as the process is about to end.
    """
    _state.__init__()  # type: ignore[misc]
    before = {number: signal.getsignal(number) for number in SIGNALS}
    clock = signal.getsignal(signal.SIGALRM)
    mine = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in mine:
        signal.signal(number, _state.take)
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_IGN if _state.arrived else before[number])
        if _state.armed:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, clock)


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
            _state.pending = False
            _state.end_groups()
            _state.again(GRACE)
            raise _state.why


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeUpError in what is within when its time is over; for the main thread. After it all is as before."""
    before = signal.getsignal(signal.SIGALRM)
    _state.again(max(seconds, 1e-6))
    try:
        yield
    except TimeUpError:
        _state.arrived = False
        raise
    finally:
        if not _state.arrived:
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
