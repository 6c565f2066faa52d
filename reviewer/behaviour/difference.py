"""What base and head say differently to the same test, and which of the differences are worth a look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .looking import Seen, Sight
from .variants import Variant


class Kind(StrEnum):
    """What differs, the most telling first."""

    RAISES = "raises"
    HANGS = "hangs"
    VALUE = "value"
    NO_LONGER_RAISES = "no longer raises"
    OTHER_EXCEPTION = "other exception"


@dataclass(frozen=True, slots=True)
class Difference:
    """One test on both sides. `sight` is the base's side of the first thing that differs, `other` the head's.

    Both are None where only the end differs: an exception that leaves the test.
    """

    node_id: str
    variant: Variant
    kind: Kind
    base: Seen
    head: Seen
    sight: Sight | None
    other: Sight | None

    @property
    def cost(self) -> tuple[int, bool, int, int]:
        """Less is better: a telling kind, values of their own type, few steps, a short test."""
        return (
            list(Kind).index(self.kind) // 2,
            not self.variant.mutant.typed,
            self.variant.mutant.steps,
            sum(1 for _ in self.variant.looking.watched),
        )


def differences(
    variants: Mapping[str, Variant], base: Mapping[str, Seen], head: Mapping[str, Seen]
) -> list[Difference]:
    """The differences of one run on each side, the best first; a test that only one side ran is left out."""
    found = []
    for node_id, variant in variants.items():
        one, other = base.get(node_id), head.get(node_id)
        if one and other and (made := _difference(node_id, variant, one, other)):
            found.append(made)
    return sorted(found, key=lambda d: d.cost)


def _difference(node_id: str, variant: Variant, base: Seen, head: Seen) -> Difference | None:
    if "skipped" in {base.end, head.end} or base.end.startswith("failed in setup") or base.raised in {"late", "killed"}:
        return None
    numbers = [s.number for s in base.sights]
    for one, other in zip(base.sights, head.sights, strict=False):
        if (one.number, one.kind, one.text) != (other.number, other.kind, other.text):
            if one.number != other.number or numbers.count(one.number) > 1:
                return None
            return Difference(node_id, variant, _kind(one, other), base, head, one, other)
    if base.raised == head.raised:
        return None
    if not base.raised:
        kind = Kind.HANGS if head.raised in {"late", "killed"} else Kind.RAISES
        return Difference(node_id, variant, kind, base, head, None, None)
    if len(base.sights) < len(head.sights):
        return None
    return Difference(node_id, variant, Kind.OTHER_EXCEPTION, base, head, None, None) if head.raised else None


def _kind(base: Sight, head: Sight) -> Kind:
    if base.kind == head.kind == "raised":
        return Kind.OTHER_EXCEPTION
    if base.kind == "raised":
        return Kind.NO_LONGER_RAISES
    return Kind.RAISES if head.kind == "raised" else Kind.VALUE


def steady(found: Iterable[Difference], base: Mapping[str, Seen], head: Mapping[str, Seen]) -> list[Difference]:
    """Those that a second run on both sides repeats to the letter."""
    return [d for d in found if base.get(d.node_id) == d.base and head.get(d.node_id) == d.head]
