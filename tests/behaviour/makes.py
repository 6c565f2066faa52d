"""Differences and proofs of a small test, for tests of what is said of them."""

from __future__ import annotations

import copy

from reviewer.behaviour.compare import Proved
from reviewer.behaviour.difference import Difference, Kind
from reviewer.behaviour.looking import Seen, Sight
from reviewer.behaviour.mutate import Mutant
from reviewer.behaviour.observe import observed
from reviewer.behaviour.variants import Seed, Variant

from .conftest import function_of

ONE, TWO = Sight(0, "value", "1", "1"), Sight(0, "value", "2", "2")


def variant(body: str = "assert f(1) == 1", *, steps: int = 0, typed: bool = True, **of_seed: object) -> Variant:
    function = function_of(f"def test_a():\n    {body}")
    seed = Seed("test_a.py", "", "test_a", **of_seed)  # type: ignore[arg-type]
    return Variant(seed, Mutant(function, steps, typed), function, observed(copy.deepcopy(function)))


def seen(*sights: Sight, raised: str = "", end: str = "", path: str = "", line: int = 0) -> Seen:
    return Seen(sights, end or ("failed in call" if raised else "passed"), raised, path, line)


def difference(
    kind: Kind = Kind.VALUE, sight: Sight | None = ONE, other: Sight | None = TWO, **of: object
) -> Difference:
    head = seen(*([other] if other else []), raised="" if other else "KeyError", path="m.py", line=2)
    made: Variant = variant(**of)  # type: ignore[arg-type]
    return Difference("test_a.py::test_a", made, kind, seen(*([sight] if sight else [])), head, sight, other)


def proved(found: Difference) -> Proved:
    code = "def test_a():\n    assert f(1) == 1\n"
    return Proved(
        found, "test_llm_review_0.py", code, "test_llm_review_0.py::test_a", "E  assert 2 == 1", {"m.py": (2,)}
    )
