"""Varied tests as files to be run."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from .copied import copied
from .looking import definition, only_tests
from .mutate import Mutant, mutants
from .observe import Observed, observed
from .probe import Function
from .values import Vocabulary

NEARER, MOSTLY = 3.0, 1.5


@dataclass(frozen=True, slots=True)
class Seed:
    """A test to start from: the test file's path, its text, and the test's name in it ("Class.test_x").

    `seconds` is what it took. `near`: it runs the changed code, or its class (a guessed call is not, whatever it runs).
    `known`: what it does is written in the project, and not guessed; `wanted` is what the project says that its call
    gives, or "", and `promise` the rule that the head breaks when it gives something else.
    """

    path: str
    module: str
    name: str
    near: bool = True
    known: bool = True
    wanted: str = ""
    promise: str = "contradicts-documentation"
    seconds: float = 0.0

    @property
    def outer(self) -> str:
        """The class that it is in, or ""."""
        return self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Variant:
    """A varied test: `plain` is the test as it would be written, `looking` what is run."""

    seed: Seed
    mutant: Mutant
    plain: Function
    looking: Observed


@dataclass(frozen=True, slots=True)
class Batch:
    """Varied tests to be run at once: their files, and the variants by path and name of the function."""

    files: Mapping[str, str]
    variants: Mapping[tuple[str, str], Variant]

    def variant(self, node_id: str) -> Variant | None:
        """The variant that a node id belongs to."""
        path, _, rest = node_id.partition("::")
        return self.variants.get((path, rest.partition("[")[0].rpartition("::")[2]))


def make_batch(
    seeds: Sequence[Seed], words: Vocabulary, most: int, seed: int, seconds: float, until: float = math.inf
) -> Batch:
    """About `most` variants: most of them of the seeds that are near, fewer of the slow ones.

    `seconds` are what all of them together may take, by what their seeds took. No more are made after `until`, a
    monotonic time: the seeds take turns.
    """
    weights = _weights(seeds)
    shares = sum(weights[s.near] for s in seeds)
    makers: dict[int, Iterator[Variant]] = {}
    for number, start in enumerate(seeds):
        share = max(1, int(weights[start.near] / shares * min(most, seconds / max(start.seconds, 0.001))))
        makers[number] = islice(_variants(start, words, share, seed), share)
    found: dict[tuple[str, str], Variant] = {}
    while makers and time.monotonic() < until:
        for number in list(makers):
            variant = next(makers[number], None)
            if variant is None:
                del makers[number]
                continue
            name = f"{variant.plain.name}__v{number}_{len(found)}"
            variant.looking.function.name = name
            found[seeds[number].path, name] = variant
    return Batch(_files(found), found)


def _weights(seeds: Sequence[Seed]) -> dict[bool, float]:
    """What one that is near weighs, and any other: few that are near outweigh many that are not."""
    near = sum(s.near for s in seeds)
    return {True: max(NEARER, MOSTLY * (len(seeds) - near) / max(near, 1)), False: 1.0}


def _variants(start: Seed, words: Vocabulary, most: int, seed: int) -> Iterator[Variant]:
    function = definition(start.module, start.name)
    if function is None:
        return
    for mutant in mutants(function, words, most, seed):
        plain = mutant.function
        looking = observed(copied(plain))
        if looking.watched:
            yield Variant(start, mutant, plain, looking)


def subset(batch: Batch, node_ids: Sequence[str]) -> Batch:
    """A batch of the variants of these node ids alone."""
    wanted = {
        key: v
        for key, v in batch.variants.items()
        if any(batch.variant(n) is v and key[0] == n.partition("::")[0] for n in node_ids)
    }
    return Batch(_files(wanted), wanted)


def _files(variants: Mapping[tuple[str, str], Variant]) -> dict[str, str]:
    """The test modules with nothing but the variants in them."""
    by_path: dict[str, dict[str, list[Function]]] = {}
    modules: dict[str, str] = {}
    for (path, _), variant in variants.items():
        modules[path] = variant.seed.module
        by_path.setdefault(path, {}).setdefault(variant.seed.name, []).append(variant.looking.function)
    return {path: only_tests(modules[path], tests) for path, tests in by_path.items()}
