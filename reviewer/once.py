"""A value that is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


def once(make: Callable[[], T]) -> Callable[[], T]:
    """The same value for all who ask, from several threads; the first one waits for it to be made, and so do others."""
    lock, kept = Lock(), cache(make)

    def value() -> T:
        with lock:
            return kept()

    return value
