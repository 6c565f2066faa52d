"""Which of several samples to believe: the largest group that gives the same answers and passes most assertions.

Independent mistakes rarely agree; so what many samples say alike is likelier right than what one says alone.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .box import Checked
from .varied import varied

SECONDS = 2.0


class Checker(Protocol):
    """Who runs a piece of code and then each of some statements in its names, such as a `Box`."""

    def check(self, code: str, checks: Sequence[str], seconds: float) -> Checked:
        """Run them, each for at most `seconds`."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One sample and what the examples and the model's assertions said of it, by number: examples come first.

    `beyond` is what it gave for other values (see `varied.py`), of which nobody knows what is right.
    """

    code: str
    checked: Checked
    examples: int
    beyond: Checked

    @property
    def meets(self) -> bool:
        """Whether every example holds."""
        return not self.checked.loaded and self.checked.passed.issuperset(range(self.examples))

    @property
    def held(self) -> frozenset[int]:
        """The model's assertions that hold."""
        return frozenset(n for n in self.checked.passed if n >= self.examples)

    @property
    def behaviour(self) -> tuple[tuple[tuple[int, str], ...], ...]:
        """What it answered to every check, and on other values: equal for samples that agree."""
        return _said(self.checked), _said(self.beyond)


def _said(checked: Checked) -> tuple[tuple[int, str], ...]:
    said = {n: checked.seen.get(n, raised.partition(":")[0]) for n, raised in checked.answers.items()}
    return tuple(sorted(said.items()))


@dataclass(frozen=True, slots=True)
class Agreement:
    """The chosen trial, how many samples answered as it did, how many there were, and how many met the examples."""

    chosen: Trial
    agreed: int
    samples: int
    met: int


def watched(statement: str) -> str:
    """The assertion, made to tell the value that it compares: `assert f(1) == 2` also tells what f(1) is."""
    node = ast.parse(statement).body[0]
    if not isinstance(node, ast.Assert) or not isinstance(node.test, ast.Compare) or len(node.test.ops) != 1:
        return statement
    left = ast.unparse(node.test.left)
    node.test.left = ast.Name("_seen_", ast.Load())
    return f"_seen_ = {left}\n{ast.unparse(ast.fix_missing_locations(node))}"


def agree(
    box: Checker, codes: Sequence[str], examples: Sequence[str], asserted: Sequence[str], name: str = ""
) -> Agreement | None:
    """Try every sample; None where there is none. Samples that fail an example lose to any that meets them all.

    With the `name` of a function, samples agree only where they also give the same on other values of its arguments.
    """
    checks = [watched(s) for s in (*examples, *asserted)]
    beyond = varied((*examples, *asserted), name) if name else ()
    known: dict[str, Trial] = {}
    trials: list[Trial] = []
    for code in codes:
        shape = ast.dump(ast.parse(code))
        if shape not in known:
            more = box.check(code, beyond, SECONDS) if beyond else Checked("", {}, {})
            known[shape] = Trial(code, box.check(code, checks, SECONDS), len(examples), more)
        trials.append(known[shape])
    return _choose(trials) if trials else None


def _choose(trials: Sequence[Trial]) -> Agreement:
    met = [t for t in trials if t.meets]
    groups: dict[object, list[Trial]] = {}
    for trial in met or trials:
        groups.setdefault(trial.behaviour, []).append(trial)
    best = max(groups.values(), key=lambda group: (len(group) * (len(group[0].held) + 1), len(group)))
    return Agreement(min(best, key=lambda t: len(t.code)), len(best), len(trials), len(met))


def counts_of(agreement: Agreement) -> Mapping[str, int]:
    """The numbers that a person is shown."""
    held, asked = agreement.chosen.held, agreement.chosen.checked.answers
    return {
        "samples": agreement.samples,
        "agreed": agreement.agreed,
        "examples": agreement.chosen.examples,
        "assertions": len([n for n in asked if n >= agreement.chosen.examples]),
        "held": len(held),
    }
