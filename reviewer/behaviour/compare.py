"""Base and head side by side: varied tests are run on copies of both; what differs is proved by a test of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from ..verify.outcome import PASSED, Lines
from ..verify.runner import Bench, run_tests
from .difference import Difference, Kind, differences
from .looking import Seen, look
from .reproducer import code_for, path_for
from .values import Vocabulary
from .variants import Batch, Seed, make_batch, subset

ROUNDS = (150, 450, 900, 1800)
TEST_SECONDS, CALL_SECONDS = 1.0, 0.3
RUN_LIMIT = 20.0
SHARE, MAKING = 0.5, 0.3
# What was found is worth a moment more than there is.
LEAST = 5.0
TOGETHER = 8
PROOFS = 3
REPEATED = 60
CALL_SEEDS = 12


@dataclass(frozen=True, slots=True)
class Proved:
    """A difference that a test of its own shows: it passed on the base twice and failed on the head twice.

    `path` and `code` are that test's, `output` how it failed; `ran` are the changed lines that it ran on the head.
    """

    difference: Difference
    path: str
    code: str
    node_id: str
    output: str
    ran: Lines

    @property
    def shown(self) -> str:
        """The test as a finding has it."""
        return f"# {self.path}\n{self.code}"


Enough = Callable[[Sequence[Proved]], bool]


@dataclass(frozen=True, slots=True)
class Ground:
    """Where both sides are compared: copies of the trees, which may be spoilt, and the changed lines by path."""

    bench: Bench
    base: Path
    head: Path
    changed: Mapping[str, Sequence[int]]


@dataclass(slots=True)
class Search:
    """One search for differences, until `deadline` (a monotonic time). `tried` counts the variants that were run."""

    ground: Ground
    words: Vocabulary
    deadline: float
    tried: int = 0
    _proved: list[Proved] = field(default_factory=list)
    _noise: set[str] = field(default_factory=set)

    def run(self, seeds: Sequence[Seed], calls: Sequence[Seed], enough: Enough) -> list[Proved]:
        """The calls as they are, then rounds of more and more variants, until `enough` says so of what is proved.

        Ends when the time is spent, too, and one round after the first that proved something.
        """
        good = self._calls(calls) if calls else []
        both = _by_turns(seeds, good)
        for number, most in enumerate(ROUNDS):
            before = bool(self._proved)
            if not both or enough(self._proved) or self._left() < 1:
                break
            until = time.monotonic() + self._left() * MAKING
            self._round(make_batch(both, self.words, most, number, self._left() * SHARE, until))
            if before:
                break
        return self._proved

    def _calls(self, calls: Sequence[Seed]) -> list[Seed]:
        """The calls once each; those that the base takes, one of each result first."""
        batch = make_batch(calls, self.words, 1, 0, self._left() * SHARE)
        seen = self._round(batch, CALL_SECONDS)
        taken: dict[str, list[Seed]] = {}
        for node_id, one in seen.items():
            variant = batch.variant(node_id)
            if variant and one.end == "passed" and one.sights and one.sights[0].kind != "raised":
                taken.setdefault(one.sights[0].text, []).append(variant.seed)
        return [s for row in zip_longest(*taken.values()) for s in row if s][:CALL_SEEDS]

    def _left(self) -> float:
        return self.deadline - time.monotonic()

    def _round(self, batch: Batch, seconds: float = TEST_SECONDS) -> Mapping[str, Seen]:
        """Look at all of a batch on both sides and prove what differs; what the base showed."""
        base, head = self._both(batch, 0, max(1.0, self._left() * SHARE), seconds)
        self.tried += len(batch.variants)
        known = {n: v for n in base.keys() | head.keys() if (v := batch.variant(n)) is not None}
        found = _few_hangs(differences(known, base, head, noise=self._noise))[:REPEATED]
        if not found:
            return base
        some = {d.node_id: d.variant for d in found}
        again = self._both(subset(batch, tuple(some)), 1, max(LEAST, self._left()), TEST_SECONDS)
        steady = differences(some, base, head, again)
        self._noise |= {d.place for d in found if d.place} - {d.place for d in steady}
        self._prove(steady)
        return base

    def _both(
        self, batch: Batch, hash_seed: int, limit: float, seconds: float
    ) -> tuple[Mapping[str, Seen], Mapping[str, Seen]]:
        """Both at once: each is one process that runs one test after the other."""
        options = {"timeout": min(RUN_LIMIT, limit), "seconds": seconds}

        def side(snapshot: Path) -> dict[str, Seen]:
            return look(self.ground.bench, snapshot, batch.files, hash_seed=hash_seed, **options)

        with ThreadPoolExecutor(2) as pool:
            base, head = pool.map(side, (self.ground.base, self.ground.head))
        return base, head

    def _prove(self, found: Sequence[Difference]) -> None:
        """The best of each seed first; several tests are proved in one run."""
        left = _spread(found)
        proved: list[Proved] = []
        while left and len(proved) < PROOFS and (self._left() > 1 or len(left) == len(found)):
            some, left = left[:TOGETHER], left[TOGETHER:]
            proved += self._confirmed(some)
        self._proved += proved

    def _confirmed(self, some: Sequence[Difference]) -> list[Proved]:
        tests: dict[str, tuple[Difference, str]] = {}
        for number, one in enumerate(some):
            seed = one.variant.seed
            code = code_for(seed.module, seed.outer, one.variant.plain, one.sight, one.kind)
            if code:
                tests[path_for(seed.path, number)] = (one, code)
        for path, (_, code) in tests.items():
            for side in (self.ground.base, self.ground.head):
                (side / path).write_text(code, "utf-8", "surrogateescape")
        with ThreadPoolExecutor(2) as pool:
            good = pool.submit(self._passing, self.ground.base, tuple(tests))
            red = pool.submit(self._failing, self.ground.head, tuple(tests))
        return [
            Proved(tests[path][0], path, tests[path][1], node_id, output, ran)
            for path, (node_id, output, ran) in red.result().items()
            if path in good.result()
        ]

    def _passing(self, snapshot: Path, paths: Sequence[str]) -> set[str]:
        """The test files of which everything passes, in two runs with different orders of sets."""
        for seed in (0, 1):
            run = run_tests(self.ground.bench, snapshot, paths, timeout=self._limit(), hash_seed=seed)
            passed = {n.partition("::")[0] for n, o in run.outcomes.items() if o.outcome in PASSED}
            bad = {o.node_id.partition("::")[0] for o in run.red}
            paths = [p for p in paths if p in passed - bad]
        return set(paths)

    def _failing(self, snapshot: Path, paths: Sequence[str]) -> dict[str, tuple[str, str, Lines]]:
        """Those that fail, in two runs: the node id, what was said, and the changed lines that were run."""
        found: dict[str, tuple[str, str, Lines]] = {}
        for seed in (0, 1):
            trace = self.ground.changed if seed == 0 else {}
            run = run_tests(self.ground.bench, snapshot, paths, timeout=self._limit(), hash_seed=seed, trace=trace)
            red = {o.node_id.partition("::")[0]: o for o in run.red if run.usable}
            if seed == 0:
                found = {p: (o.node_id, o.text, o.lines) for p, o in red.items()}
            paths = [p for p in found if p in red]
        return {p: found[p] for p in paths}

    def _limit(self) -> float:
        return min(RUN_LIMIT, max(LEAST, self._left()))


def _few_hangs(found: Sequence[Difference]) -> list[Difference]:
    """In order, with two of those that hang: each costs its whole time in every run."""
    hanging = [d for d in found if d.kind is Kind.HANGS]
    return [d for d in found if d.kind is not Kind.HANGS or d in hanging[:2]]


def _by_turns(one: Sequence[Seed], other: Sequence[Seed]) -> list[Seed]:
    return [seed for pair in zip_longest(one, other) for seed in pair if seed is not None]


def _spread(found: Sequence[Difference]) -> list[Difference]:
    """In order, but one of each seed and kind before the second of any."""
    turns: dict[tuple[str, str, str], int] = {}
    ranked: list[tuple[bool, bool, int, Difference]] = []
    for one in found:
        key = (one.variant.seed.path, one.variant.seed.name, one.kind)
        turns[key] = turns.get(key, 0) + 1
        ranked.append((turns[key] > 1, turns[key] > 3, len(ranked), one))
    return [one for _, _, _, one in sorted(ranked, key=lambda r: r[:3])]
