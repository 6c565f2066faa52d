"""What base and head say differently to the same test, and which of the differences are worth a look."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .looking import Seen, Sight
from .variants import Variant

_CONSTANTS = re.compile(r"'[^']*'|\"[^\"]*\"|\b\d[\w.]*")


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
    def cost(self) -> tuple[bool, bool, bool, int, int, int]:
        """Less is better.

        What the project contradicts, steps that somebody wrote, values of their own type, a telling kind (of guessed
        input another value tells most, for it may be nonsense that is refused), few changes, little to read.
        """
        size = len(ast.unparse(self.variant.plain)) + (len(self.sight.text) if self.sight else 0)
        mutant = self.variant.mutant
        known = self.variant.seed.known
        rank = list(Kind).index(self.kind) // 2 if known else self.kind is not Kind.VALUE
        return not self.contradicts, not known, not mutant.typed, int(rank), mutant.steps, size

    @property
    def place(self) -> str:
        """The expression that differs, whatever its constants, in its test; "" where only the end does."""
        seed = self.variant.seed
        watched = self.variant.looking.watched.get(self.sight.number) if self.sight else None
        return f"{seed.path}::{seed.name}: {_CONSTANTS.sub('_', ast.unparse(watched))}" if watched else ""

    @property
    def contradicts(self) -> bool:
        """Whether the project says that it must be what the base gives."""
        wanted = self.variant.seed.wanted
        return (
            bool(wanted)
            and self.variant.mutant.steps == 0
            and self.sight is not None
            and (self.sight.literal, self.sight.form) == (wanted, "{}")
        )


Side = Mapping[str, Seen]


def differences(
    variants: Mapping[str, Variant],
    base: Side,
    head: Side,
    again: tuple[Side, Side] | None = None,
    noise: Container[str] = (),
) -> list[Difference]:
    """What base and head say differently to the same tests, the best first; a test that only one side ran is left out.

    `again` is a second run of both sides: what one side does not repeat to the letter is no difference. `noise` are
    the places (see `Difference.place`) that are known for that.
    """
    found = []
    for node_id, variant in variants.items():
        pairs = [(base.get(node_id), head.get(node_id))]
        pairs += [(again[0].get(node_id), again[1].get(node_id))] if again else []
        if all(one and other for one, other in pairs):
            made = _difference(node_id, variant, [(one, other) for one, other in pairs if one and other], noise)
            found += [made] if made else []
    return sorted(found, key=lambda d: d.cost)


def _difference(
    node_id: str, variant: Variant, runs: Sequence[tuple[Seen, Seen]], noise: Container[str]
) -> Difference | None:
    base, head = runs[0]
    if any(_unfit(seen) for run in runs for seen in run) or any(_unsettled(one) for one, _ in runs):
        return None
    numbers = Counter(s.number for s in base.sights)
    for i, (one, other) in enumerate(zip(base.sights, head.sights, strict=False)):
        if one.number != other.number:
            return None
        if _differ(one, other) and numbers[one.number] == 1 and all(_same_at(i, run, (one, other)) for run in runs):
            found = Difference(node_id, variant, _kind(one, other), base, head, one, other)
            if found.place not in noise:
                return found
    kind = _end(base, head)
    ends = {(one.raised, other.raised) for one, other in runs}
    return Difference(node_id, variant, kind, base, head, None, None) if kind and len(ends) == 1 else None


def _differ(base: Sight, head: Sight) -> bool:
    """Equal exceptions may come from lines that moved."""
    return (base.kind, base.text) != (head.kind, head.text)


def _unfit(seen: Seen) -> bool:
    return seen.end == "skipped" or seen.end.startswith("failed in setup")


def _unsettled(base: Seen) -> bool:
    return base.raised in {"late", "killed"}


def _same_at(place: int, run: tuple[Seen, Seen], first: tuple[Sight, Sight]) -> bool:
    return all(len(seen.sights) > place and seen.sights[place] == sight for seen, sight in zip(run, first, strict=True))


def _end(base: Seen, head: Seen) -> Kind | None:
    """How the ends differ; that the base raised and the head goes on cannot be shown by these steps."""
    if base.raised == head.raised or not head.raised:
        return None
    if not base.raised:
        return Kind.HANGS if head.raised in {"late", "killed"} else Kind.RAISES
    return Kind.OTHER_EXCEPTION if len(base.sights) == len(head.sights) else None


def _kind(base: Sight, head: Sight) -> Kind:
    if base.kind == head.kind == "raised":
        return Kind.OTHER_EXCEPTION
    if base.kind == "raised":
        return Kind.NO_LONGER_RAISES
    return Kind.RAISES if head.kind == "raised" else Kind.VALUE
