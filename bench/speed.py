"""How fast llm-review is: one subcommand for each bar; each prints a table in Markdown.

    python bench/speed.py start tools second          # any of the names; all of them without one
    python bench/speed.py engine --runs 5

What is compared runs in turns within one run, so that ratios mean something on a busy machine; seconds do not.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from speedkit import repos
from speedkit.clock import Row, in_turns, markdown, median, peak, wall
from speedkit.engine import ENGINE, servers_of_its_own

BIN = Path(sys.executable).parent
TOOL = str(BIN / "llm-review")
MIB = 1 << 20


def start(runs: int) -> list[Row]:
    """`--help` against Python doing nothing."""
    here = Path.cwd()
    helped, nothing = in_turns(
        runs, lambda: wall(here, (TOOL, "--help")), lambda: wall(here, (sys.executable, "-c", "pass"))
    )
    seconds, ratio = median(helped), median(helped) / median(nothing)
    return [
        Row("--help, seconds", "<= 0.150", f"{seconds:.3f}", seconds <= 0.15, runs),
        Row("--help / python -c pass", "<= 2", f"{ratio:.2f}", ratio <= 2, runs),
    ]


def by_hand(folder: Path) -> Callable[[], float]:
    """ruff, bandit and git diff on the changed files, at once."""
    files = repos.changed_files(folder)
    commands: tuple[Sequence[str], ...] = (
        (str(BIN / "ruff"), "check", "--no-cache", *files),
        (str(BIN / "bandit"), "-q", "-f", "json", *files),
        ("git", "diff", "--cached"),
    )
    return lambda: wall(folder, *commands)


def tools(runs: int) -> list[Row]:
    """The deterministic part against the three tools by hand."""
    with tempfile.TemporaryDirectory() as top:
        folder = repos.make(Path(top) / "repo", files=20, changed=4, lines=80)
        ours, hand = in_turns(
            runs, lambda: wall(folder, (TOOL, "diff", "--no-llm", "--no-tests", "--no-cache")), by_hand(folder)
        )
    ratio = median(ours) / median(hand)
    return [Row("diff --no-llm --no-tests / the tools by hand", "<= 1.2", f"{ratio:.2f}", ratio <= 1.2, runs)]


def second(runs: int) -> list[Row]:
    """The same change reviewed again, model and all; tests are never taken for passed, so they run again."""
    with tempfile.TemporaryDirectory() as top, servers_of_its_own():
        folder = repos.make(Path(top) / "repo", files=20, changed=1, lines=20, test=repos.TEST)
        formats = ("--format", f"json={top}/report.json", "--format", "terminal=/dev/null")
        command = (TOOL, "diff", "--no-tests", *formats)
        tested = (TOOL, "diff", "--python", sys.executable, *formats)
        wall(folder, tested)
        wall(folder, command)
        first = json.loads(Path(top, "report.json").read_text())["receipt"]["tokens"]
        again, ours, hand = in_turns(runs, lambda: wall(folder, tested), lambda: wall(folder, command), by_hand(folder))
        tokens = json.loads(Path(top, "report.json").read_text())["receipt"]["tokens"]
    whole = median(again) / median(hand)
    ratio, computed = median(ours) / median(hand), tokens["prompt"] - tokens["cached"] + tokens["completion"]
    return [
        Row(f"second review: tokens (the first: {first['prompt']})", "0", str(computed), computed == 0, runs),
        Row("second review without tests / the tools by hand", "<= 1.3", f"{ratio:.2f}", ratio <= 1.3, runs),
        Row("second review with its tests / the tools by hand", "<= 1.3", f"{whole:.2f}", whole <= 1.3, runs),
    ]


def deadline(runs: int) -> list[Row]:
    """A change whose test sleeps longer than any deadline, and one that keeps the model busy; the worst of all runs.

    `runs` are at each deadline, half of either kind.
    """
    rows, each = [], (runs + 1) // 2
    with tempfile.TemporaryDirectory() as top, servers_of_its_own():
        folder = repos.make(Path(top) / "repo", files=20, changed=4, lines=80, test=repos.SLOW_TEST)
        env = os.environ | {
            "LLM_REVIEW_BACKGROUND": "false", "LLM_REVIEW_CACHE": "false", "LLM_REVIEW_STATE_DIR": f"{top}/state",
        }  # fmt: skip
        for seconds in (5, 10, 20):
            for kind, words in (("tests", ()), ("the model", ("--no-tests",))):
                command = (TOOL, "hook", "--deadline", str(seconds), "--python", sys.executable, *words)
                over = max(wall(folder, command, env=env) - seconds for _ in range(each))
                bar = f"deadline {seconds} s, {kind}: worst seconds over"
                rows.append(Row(bar, "<= 1", f"{over:.2f}", over <= 1, each))
    return rows


def memory(runs: int) -> list[Row]:
    """A review with the default model in this very process tree: no server, so that all of it is counted."""
    most = 0
    with tempfile.TemporaryDirectory() as top:
        folder = repos.make(Path(top) / "repo", files=20, changed=1, lines=40, test=repos.TEST)
        env = os.environ | {"LLM_REVIEW_SERVE_IDLE": "0", "LLM_REVIEW_CACHE": "false", "LLM_REVIEW_CACHE_DIR": top}
        for _ in range(runs):
            most = max(most, peak(folder, (TOOL, "diff", "--python", sys.executable), env)[1])
    return [Row("peak memory with the model, GiB", "<= 2.2", f"{most / (1 << 30):.2f}", most <= 2.2 * (1 << 30), runs)]


def large(runs: int) -> list[Row]:
    """1,000 changed files, 100,000 lines."""
    with tempfile.TemporaryDirectory() as top:
        folder = repos.make(Path(top) / "repo", files=1000, changed=1000, lines=100)
        ours, hand = in_turns(
            runs, lambda: wall(folder, (TOOL, "diff", "--no-llm", "--no-tests", "--no-cache")), by_hand(folder)
        )
        most = peak(folder, (TOOL, "diff", "--no-llm", "--no-tests", "--no-cache"))[1]
    ratio = median(ours) / median(hand)
    return [
        Row("1,000 files, 100,000 lines / the tools by hand", "<= 1.5", f"{ratio:.2f}", ratio <= 1.5, runs),
        Row("its peak memory, MiB", "< 500", f"{most / MIB:.0f}", most < 500 * MIB, 1),
    ]


def scale(runs: int) -> list[Row]:
    """Cost against the size of the change, and of the repository; the points are printed as a plot in text."""
    command = (TOOL, "diff", "--no-llm", "--no-tests", "--no-cache")
    points: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory() as top:
        for changed in (1, 50, 100, 200, 400, 800):
            folder = repos.make(Path(top) / f"change-{changed}", files=800, changed=changed, lines=100)
            points.append((changed * 100, median([wall(folder, command) for _ in range(runs)])))
            shutil.rmtree(folder)
        few, many = (repos.make(Path(top) / f"repo-{n}", files=n, changed=4, lines=100) for n in (1000, 50000))
        small, big = in_turns(runs, lambda: wall(few, command), lambda: wall(many, command))
    print(plot(points))
    fit = linearity(points)
    ratio = median(big) / median(small)
    return [
        Row("cost against changed lines: r² of a straight line", ">= 0.98", f"{fit:.3f}", fit >= 0.98, runs),
        Row("50,000 files in the repository / 1,000", "<= 1.2", f"{ratio:.2f}", ratio <= 1.2, runs),
    ]


def plot(points: Sequence[tuple[int, float]]) -> str:
    """Bars of text, one for each size."""
    most = max(seconds for _, seconds in points)
    bars = (f"{size:>8,} lines {seconds:7.2f} s {'#' * round(50 * seconds / most)}" for size, seconds in points)
    return "\n".join(("```text", *bars, "```", ""))


def linearity(points: Sequence[tuple[int, float]]) -> float:
    """r² of the least-squares line."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    xy = sum((x - mean_x) * (y - mean_y) for x, y in points)
    xx, yy = sum((x - mean_x) ** 2 for x, _ in points), sum((y - mean_y) ** 2 for _, y in points)
    return xy * xy / (xx * yy) if xx and yy else 1.0


BARS: dict[str, Callable[[int], list[Row]]] = {
    "start": start, "tools": tools, "second": second, **ENGINE, "deadline": deadline, "memory": memory, "large": large,
    "scale": scale,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bars", nargs="*", metavar="BAR", help=f"any of: {', '.join(BARS)} (default: all)")
    parser.add_argument("--runs", type=int, default=5, help="how often each is run (default 5)")
    arguments = parser.parse_args()
    if unknown := set(arguments.bars) - set(BARS):
        parser.error(f"no such bar: {', '.join(sorted(unknown))}")
    # An installed package has its bytecode; without it every start would compile ours.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    begin = time.monotonic()
    for name in arguments.bars or BARS:
        print(f"\n    python bench/speed.py {name} --runs {arguments.runs}\n")
        print(markdown(BARS[name](arguments.runs)), flush=True)
    print(f"\n{time.monotonic() - begin:.0f} seconds, load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
