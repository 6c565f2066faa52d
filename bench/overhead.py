"""What sandbox and snapshot add to plain `pytest` on the same selection; ratios within one run.

    python bench/overhead.py REPO --python VENV/bin/python --rounds 5 TESTS...

`plain` is `python -m pytest -q TESTS` in a checkout; `ours` is the snapshot of HEAD made and the same tests run in it
as a review runs them, behind walls. They take turns. `snapshot` and `walls` are parts of `ours`: the export, and the
run less that of the same program without walls (`--sandbox none`), each a median of its own.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from reviewer import process
from reviewer.change.git import Repository
from reviewer.change.snapshot import export
from reviewer.review import Skipped
from reviewer.sandbox.choice import choose
from reviewer.verify.interpreter import find
from reviewer.verify.runner import Bench, run_tests

LIMIT = 600.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What sandbox and snapshot add to plain pytest.")
    parser.add_argument("repo", type=Path)
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--python", default="")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="overhead-") as folder:
        measure(arguments.repo, tuple(arguments.tests), arguments.python, arguments.rounds, Path(folder))


def measure(root: Path, tests: tuple[str, ...], python: str, rounds: int, folder: Path) -> None:
    """Take the times; the first round of each warms caches and does not count."""
    root = root.resolve()
    interpreter = find(root, python or None)
    if isinstance(interpreter, Skipped):
        raise SystemExit(f"no interpreter: {interpreter.reason}")
    with closing(Repository.open(root, folder / "git")) as repo:
        tree = repo.head_tree()
        export(repo, tree, folder / "checkout")
    times: dict[str, list[float]] = {"plain": [], "snapshot": [], "without walls": [], "behind walls": []}
    for number in range(rounds + 1):
        for name, seconds in _round(root, tree, tests, interpreter.path, python, folder / str(number)).items():
            times[name] += [seconds] if number else []
    ours = [s + w for s, w in zip(times["snapshot"], times["behind walls"], strict=True)]
    median = {name: statistics.median(values) for name, values in times.items()}
    more = statistics.median(o - p for o, p in zip(ours, times["plain"], strict=True))
    ratio = statistics.median(o / p for o, p in zip(ours, times["plain"], strict=True))
    walls = statistics.median(w - n for w, n in zip(times["behind walls"], times["without walls"], strict=True))
    print("| plain, s | ours, s | more, s | ours / plain | snapshot, s | walls, s |\n| ---: " + "| ---: " * 5 + "|")
    print(
        f"| {median['plain']:.2f} | {statistics.median(ours):.2f} | {more:.2f} | {ratio:.2f} "
        f"| {median['snapshot']:.2f} | {walls:.2f} |"
    )


def _round(root: Path, tree: str, tests: tuple[str, ...], program: Path, python: str, folder: Path) -> dict[str, float]:
    """One time of each, in seconds."""
    folder.mkdir()
    checkout, snapshot = folder.parent / "checkout", folder / "snapshot"
    argv = (str(program), "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)

    def plain() -> None:
        if process.run(argv, cwd=checkout, timeout=LIMIT).exit_code not in {0, 1}:
            raise SystemExit(f"it does not run: {' '.join(argv)}")

    def tested(mode: str, place: Path) -> Callable[[], None]:
        interpreter = find(root, python or None)
        if isinstance(interpreter, Skipped):
            raise SystemExit(interpreter.reason)
        sandbox = choose(mode, root, interpreter.prefixes)
        runs = folder / f"runs-{mode}"
        runs.mkdir()
        bench = Bench(sandbox, interpreter, root, runs)

        def run() -> None:
            done = run_tests(bench, place, tests, timeout=LIMIT)
            if not done.trusted:
                raise SystemExit(f"the run behind walls is not trusted: {done.reason}")

        return run

    with closing(Repository.open(root, folder / "git")) as repo:
        walls, none = tested("required", snapshot), tested("none", checkout)
        return {
            "plain": _seconds(plain),
            "snapshot": _seconds(lambda: export(repo, tree, snapshot, kept=True)),
            "behind walls": _seconds(walls),
            "without walls": _seconds(none),
        }


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
