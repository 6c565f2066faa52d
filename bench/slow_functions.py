"""What `llm-review optimise` makes of twenty slow functions: how many are faster, and whether any answer differs.

    python bench/slow_functions.py [--only NAME ...] [-- OPTIONS OF optimise]

Every version that is shown is held against the original once more, here, on inputs that the tool did not see.
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "slow" / "functions.py"
FAST = 1.5
TURNS = 200

Inputs = Callable[[random.Random], tuple[Any, ...]]


def _numbers(draw: random.Random) -> list[int]:
    return [draw.randrange(-20, 40) for _ in range(draw.randrange(60))]


def _words(draw: random.Random) -> list[str]:
    return ["".join(draw.choice("ab1 ") for _ in range(draw.randrange(5))) for _ in range(draw.randrange(40))]


def _rows(draw: random.Random) -> list[tuple[str, int]]:
    return [(word, draw.randrange(9)) for word in _words(draw)]


INPUTS: dict[str, Inputs] = {
    "unique": lambda d: (_numbers(d),),
    "common": lambda d: (_numbers(d), _numbers(d)),
    "joined": lambda d: (_words(d),),
    "fibonacci": lambda d: (d.randrange(18),),
    "numbered": lambda d: (_words(d),),
    "frequencies": lambda d: (_words(d),),
    "running_totals": lambda d: (_numbers(d),),
    "has_duplicates": lambda d: (_numbers(d),),
    "pairs_with_sum": lambda d: (_numbers(d), d.randrange(-9, 40)),
    "reversed_list": lambda d: (_numbers(d),),
    "drained": lambda d: (_numbers(d),),
    "names_of": lambda d: (
        [(d.randrange(9), d.randrange(9)) for _ in range(9)],
        [(d.randrange(9), d.choice("abc")) for _ in range(9)],
    ),
    "is_prime": lambda d: (d.randrange(-3, 400),),
    "primes_up_to": lambda d: (d.randrange(-3, 200),),
    "largest": lambda d: (_numbers(d), d.randrange(9)),
    "bubble_sorted": lambda d: (_numbers(d),),
    "grouped": lambda d: (_rows(d),),
    "is_anagram": lambda d: ("".join(_words(d)), "".join(_words(d))),
    "missing": lambda d: ([abs(n) for n in _numbers(d)],),
    "climbing": lambda d: (d.randrange(16),),
}


def main(argv: list[str]) -> int:
    """Run the command for each function and print the table; 1 where a version that was shown answers differently."""
    own, extra = (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (argv, [])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(INPUTS), choices=list(INPUTS), metavar="NAME")
    names = parser.parse_args(own).only
    print("| function | times as fast | equal inputs | s | note |\n| --- | --- | --- | --- | --- |", flush=True)
    rows = [_one(name, extra) for name in names]
    fast = sum(speedup >= FAST for speedup, _ in rows)
    wrong = sum(not right for _, right in rows)
    print(f"\n{fast} of {len(rows)} are {FAST} times as fast or more; {wrong} shown that differ")
    return 1 if wrong else 0


def _one(name: str, extra: list[str]) -> tuple[float, bool]:
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / SOURCE.name
        place.write_text(SOURCE.read_text("utf-8"), "utf-8")
        program = Path(sys.executable).with_name("llm-review")
        words = [str(program), "optimise", f"{place}::{name}", "--format", "json", "--write", "-q", *extra]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode not in {0, 1}:
            print(f"| {name} | - | - | - | {done.stderr.strip().splitlines()[-1:]} |", flush=True)
            return 0.0, True
        result = json.loads(done.stdout)["results"][0]
        right = not result["patch"] or _equal(name, place)
    speedup = result["speedup"] if result["patch"] else 0.0
    note = result["reason"] if not result["patch"] else "" if right else "DIFFERS"
    print(f"| {name} | {speedup or '-'} | {result['compared']} | {time.monotonic() - start:.0f} | {note} |", flush=True)
    return speedup, right


def _equal(name: str, changed: Path) -> bool:
    before, after = _load(SOURCE, name), _load(changed, name)
    given = (INPUTS[name](random.Random(f"{name} {turn}")) for turn in range(TURNS))
    return all(before(*copy.deepcopy(arguments)) == after(*arguments) for arguments in given)


def _load(path: Path, name: str) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location(f"slow_{path.parent.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., Any] = getattr(module, name)
    return function


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
