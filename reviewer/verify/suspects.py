"""Which function a failing test should be mended in: where it was raised, and what failing tests run and others do not.

Needs no model. A line that failing tests run, and passing ones rarely, is suspicious by Ochiai's measure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..change.change import Unit
from .outcome import PASSED, Frame, TestOutcome, TestRun

Place = tuple[str, int]
NAMED = 0.25


@dataclass(frozen=True, slots=True)
class Suspect:
    """A unit with its most suspicious line, or the deepest that the traceback went through; `score` is 0 to 2."""

    unit: Unit
    line: int
    score: float


def suspects(units: Iterable[Unit], failed: TestOutcome, run: TestRun, said: str = "") -> list[Suspect]:
    """The functions that a failing test ran, the likeliest first.

    `run` is one with every line of the units traced, `failed` the test's outcome there; `said` is the statement that
    fails: who is called in it comes before what is called from there.
    """
    scores = ochiai(failed, run)
    frames = [(f.path, f.line) for f in failed.frames]
    found = (_suspect(unit, scores, frames, said) for unit in units)
    return sorted((s for s in found if s), key=lambda s: (-s.score, _size(s.unit)))


def ochiai(failed: TestOutcome, run: TestRun) -> dict[Place, float]:
    """How far the lines that the failing test ran are its own: 1.0 where no passing test runs them."""
    passing = Counter(place for o in run.outcomes.values() if o.outcome in PASSED for place in _lines(o.lines))
    return {place: 1 / math.sqrt(1 + passing[place]) for place in _lines(failed.lines)}


def _lines(lines: Mapping[str, Sequence[int]]) -> Collection[Place]:
    return [(path, number) for path, numbers in lines.items() for number in numbers]


def _suspect(unit: Unit, scores: Mapping[Place, float], frames: Sequence[Place], said: str) -> Suspect | None:
    ran = {place: score for place, score in scores.items() if unit.holds(*place)}
    through = [depth for depth, place in enumerate(frames, 1) if unit.holds(*place)]
    if not ran and not through:
        return None
    line = frames[through[-1] - 1][1] if through else max(ran, key=lambda p: (ran[p], -p[1]))[1]
    named = NAMED if f"{unit.name.rpartition('.')[2]}(" in said else 0.0
    raised = through[-1] / len(frames) if through else 0.0
    return Suspect(unit, line, max(ran.values(), default=0.0) + raised + named)


def _size(unit: Unit) -> int:
    return len(unit.head.text) if unit.head else 0


def deepest(frames: Sequence[Frame], paths: Collection[str]) -> Frame | None:
    """The deepest line of a traceback in one of these files."""
    return next((f for f in reversed(frames) if f.path in paths), None)
