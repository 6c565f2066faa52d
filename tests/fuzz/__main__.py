"""`python -m tests.fuzz --inputs N`: N inputs over all targets, with what broke; one line a target and a total.

A target that breaks is shown with its value, and the others go on. Hypothesis makes the inputs, or, with
`--engine mutations`, a few thousand of them, of which the rest is made by mutation: far more of them in the same time.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from .mutate import mutated
from .targets import TARGETS, Target

CHUNK, SEEDS = 2_000, 500
HEAVY = 10


def by_search(target: Target, inputs: int) -> int:
    """Feed it by Hypothesis's own search, some thousands at a time, each from new randomness."""
    given = 0
    while given < inputs:
        seen = list[int]()
        target.test(min(CHUNK, inputs - given), _counter(seen))()
        given += len(seen)
    return given


def _counter(seen: list[int]) -> Callable[[object], None]:
    return lambda _: seen.append(1)


def by_mutations(target: Target, inputs: int, chance: random.Random) -> int:
    """Feed it what Hypothesis makes, and then what mutation makes of that."""
    seeds = list[tuple[Any, ...]]()
    target.test(min(inputs, SEEDS), seeds.append)()
    for _ in range(len(seeds), inputs):
        values = mutated(chance.choice(seeds), chance.choice(seeds), chance)
        try:
            target.check(*values)
        except BaseException:
            print(f"{target.name}: {values!r}"[:2000], flush=True)
            raise
    return max(len(seeds), inputs)


def main() -> int:
    """Feed what was asked for, and say what came of it."""
    words = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    words.add_argument("--inputs", type=int, default=10_000, help="how many, over all targets (default: 10,000)")
    words.add_argument("--target", action="append", choices=[t.name for t in TARGETS], help="only this one; repeatable")
    words.add_argument("--engine", choices=["search", "mutations"], default="search")
    words.add_argument("--seed", type=int, default=time.time_ns())
    arguments = words.parse_args()
    warnings.simplefilter("ignore")
    chosen = [t for t in TARGETS if not arguments.target or t.name in arguments.target]
    shares = sum(t.share for t in chosen)
    broken = total = 0
    for target in chosen:
        wanted = max(1, arguments.inputs * target.share // shares)
        begin = time.monotonic()
        try:
            if arguments.engine == "search" or target.share < HEAVY:
                fed = by_search(target, wanted)
            else:
                fed = by_mutations(target, wanted, random.Random(arguments.seed))
        except Exception:  # noqa: BLE001 - that is what is looked for
            broken += 1
            print(f"{target.name}: BROKEN\n{traceback.format_exc()[-4000:]}", flush=True)
            continue
        total += fed
        print(f"{target.name}: {fed:,} inputs in {time.monotonic() - begin:.0f} s", flush=True)
    print(f"{total:,} inputs, {broken} targets broken", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
