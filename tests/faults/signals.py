"""`python -m tests.faults.signals --times N`: a signal at N random moments of a review, and what is left of it."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.conftest import lean_environment

from .place import STAND_IN, Place

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The stand-in for the engine takes its time, so that the model's part is as long as the others.
SLOW = STAND_IN.replace(
    'for index in range(body.get("n", 1)):', 'time.sleep(0.2)\n        for index in range(body.get("n", 1)):'
)


def strike(place: Place, number: signal.Signals, after: float) -> tuple[int, float]:
    """The exit code of a review that got a signal after so many seconds, and how long it then went on.

    Raises AssertionError for anything that is left of it, or that it changed in the repository.
    """
    before = place.repo.state()
    process = place.start(llm=True)
    with process:
        time.sleep(after)
        begin = time.monotonic()
        if process.poll() is None:
            os.killpg(process.pid, number)
        try:
            process.communicate(timeout=60)
        finally:
            process.kill()
    seconds = time.monotonic() - begin
    assert place.left() == {}, (number, after, place.left(0))
    assert place.repo.state() == before, (number, after)
    return process.returncode, seconds


def main() -> int:
    """Strike as often as was asked for; after every tenth time a whole review must say what the first one said."""
    words = argparse.ArgumentParser(prog="python -m tests.faults.signals", description=__doc__)
    words.add_argument("--times", type=int, default=200)
    words.add_argument("--seed", type=int, default=1)
    arguments = words.parse_args()
    # A shell that starts this in the background has it ignored, and what this starts would ignore it too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chance = random.Random(arguments.seed)
    codes: Counter[str] = Counter()
    slowest, failures, wrong = 0.0, 0, 0
    with tempfile.TemporaryDirectory(prefix="signals-") as folder:
        place = Place(Path(folder), lean_environment(Path(folder, "lean")) / "bin" / "python")
        place.engine(SLOW)
        place.review(llm=True, LLM_REVIEW_CACHE="false")
        whole = place.review(llm=True, LLM_REVIEW_CACHE="false")
        print(f"undisturbed: {whole.seconds:.1f} s, exit code {whole.code}", flush=True)
        for turn in range(arguments.times):
            number, after = chance.choice(SIGNALS), chance.uniform(0, whole.seconds * 1.05)
            try:
                code, seconds = strike(place, number, after)
                slowest = max(slowest, seconds if code not in {0, 1} else 0.0)
                codes[f"{number.name} -> {code}"] += 1
                if turn % 10 == 9 and place.review(llm=True, LLM_REVIEW_CACHE="false").essence != whole.essence:
                    wrong += 1
                    print(f"after {turn + 1}: the next review says something else", flush=True)
            except AssertionError as error:
                failures += 1
                print(f"{number.name} after {after:.3f} s: {error}"[:1500], flush=True)
            if turn % 10 == 9:
                print(
                    f"{turn + 1}: {dict(sorted(codes.items()))}, slowest end {slowest:.1f} s, {failures} failures",
                    flush=True,
                )
    print(f"{arguments.times} signals, {failures} left something behind, {wrong} next reviews differ")
    return 1 if failures or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
