"""What a snapshot costs against the size of the change, on a repository made for it; ratios within one run.

    python bench/snapshots.py --files 20000 --rounds 5

Each row: a whole tree written out (`plain`), and a kept mirror brought from one tree to another that differs in so many
files (`kept`), medians of the rounds, taken in turn. `first` makes the mirror.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from reviewer.change.git import Repository
from reviewer.change.snapshot import export

PER_FOLDER = 100
LINES = 60


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What a snapshot costs against the size of the change.")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--changed", type=int, nargs="*", default=[0, 1, 10, 100, 1000])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="snapshots-") as folder:
        os.environ["LLM_REVIEW_SNAPSHOTS"] = str(Path(folder, "kept"))
        measure(Path(folder), arguments.files, arguments.rounds, arguments.changed)


def measure(folder: Path, files: int, rounds: int, changed: list[int]) -> None:
    """Make the repository, then take the times; `changed` are numbers of files."""
    root = folder / "repo"
    base = make(root, files)
    trees = {count: variant(root, base, count) for count in changed}
    exports = Exports(root, folder)
    first = exports.seconds(base, kept=True)
    print(f"{files} files; kept, first time: {first:.3f} s\n")
    print("| files changed | plain, s | kept, s | kept / plain |\n| ---: | ---: | ---: | ---: |")
    for count, tree in trees.items():
        plain, kept = [], []
        for _ in range(rounds):
            plain.append(exports.seconds(tree, kept=False))
            kept.append(exports.seconds(tree, kept=True))
            exports.seconds(base, kept=True)
        ratio = statistics.median(k / p for k, p in zip(kept, plain, strict=True))
        print(f"| {count} | {statistics.median(plain):.3f} | {statistics.median(kept):.3f} | {ratio:.2f} |", flush=True)


class Exports:
    """Writes trees out, each in a review of its own, and takes the time."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Keep the repository's top and a folder for what is written."""
        self.root, self.folder = root, folder

    def seconds(self, tree: str, *, kept: bool) -> float:
        """The time of one export; opening the repository and removing the copy are left out."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            repo = Repository.open(self.root, Path(place, "git"))
            start = time.perf_counter()
            export(repo, tree, Path(place, "snapshot"), kept=kept)
            taken = time.perf_counter() - start
            if Path(place, "snapshot").is_symlink() is not kept:
                raise SystemExit("no mirror was used: is the disk full?")
            repo.close()
            return taken


def make(root: Path, files: int) -> str:
    """A repository of so many small modules; its tree."""
    root.mkdir()
    git(root, "init", "-q")
    git(root, "config", "maintenance.auto", "false")
    for number in range(files):
        path = root / f"pkg{number // PER_FOLDER}" / f"module_{number}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"value_{line} = {number} + {line}\n" for line in range(LINES)))
    git(root, "add", "--all")
    git(root, "-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-q", "-m", "made")
    git(root, "repack", "-adq")
    return git(root, "rev-parse", "HEAD^{tree}")


def variant(root: Path, base: str, count: int) -> str:
    """The tree with `count` of its files changed, spread over all folders."""
    names = git(root, "ls-files").splitlines()
    for name in names[:: max(1, len(names) // count)][:count] if count else []:
        with (root / name).open("a") as file:
            file.write(f"changed = {count}\n")
    git(root, "add", "--all")
    tree = git(root, "write-tree")
    git(root, "read-tree", "--reset", "-u", base)
    return tree


def git(root: Path, *words: str) -> str:
    """One git command; what it printed."""
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
