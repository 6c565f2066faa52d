"""What is known of a value: where it comes from, and the constant text that it begins with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto


class Origin(Enum):
    """Where a value comes from, as far as it matters. What cannot be told is UNKNOWN, and nothing is said of it."""

    UNKNOWN = auto()
    CONSTANT = auto()  # literals, and what is made of literals alone
    DIGEST = auto()  # of hashlib
    HMAC = auto()
    RANDOM = auto()  # of `random`, which can be foretold
    EXCEPTION = auto()
    TRACEBACK = auto()
    REQUEST = auto()  # a framework's request object
    SEGMENT = auto()  # one part of the request's path: it has no slash
    REMOTE = auto()  # text that a client sent
    PARAMETER = auto()  # whatever the caller gave


@dataclass(frozen=True, slots=True)
class Value:
    """`text` is what the value begins with for certain; `built`: put together from text and what is not constant;
    `behind`: what follows `text` is nobody's that is known, so a client's part is not the beginning.
    """

    origin: Origin = Origin.UNKNOWN
    text: str = ""
    built: bool = False
    behind: bool = False

    @property
    def given(self) -> bool:
        """Whether someone outside the function decides what is in it."""
        return self.sent or self.origin is Origin.PARAMETER

    @property
    def sent(self) -> bool:
        """Whether a client decides what is in it."""
        return self.origin in {Origin.REMOTE, Origin.SEGMENT}


UNKNOWN = Value()
_STRONGEST = (Origin.REMOTE, Origin.SEGMENT, Origin.TRACEBACK, Origin.EXCEPTION, Origin.PARAMETER)


def either(values: Iterable[Value]) -> Value:
    """A value that is one of several: the one that a client decides if there is one; constant only if all are."""
    several = list(values)
    found = _strongest(several)
    if found:
        return next(v for v in several if v.origin is found)
    return several[0] if several and all(v == several[0] for v in several) else UNKNOWN


def joined(parts: Iterable[Value]) -> Value:
    """Text that is put together of parts, in their order."""
    several = list(parts)
    if not several:
        return Value(Origin.CONSTANT)
    if all(v.origin is Origin.CONSTANT for v in several):
        return Value(Origin.CONSTANT, "".join(v.text for v in several))
    text, first = "", Value()
    for part in several:
        text += part.text
        if part.origin is not Origin.CONSTANT:
            first = part
            break
    return Value(_strongest(several) or Origin.UNKNOWN, text, built=True, behind=first.behind or not first.sent)


def _strongest(values: Iterable[Value]) -> Origin | None:
    origins = {v.origin for v in values}
    return next((origin for origin in _STRONGEST if origin in origins), None)
