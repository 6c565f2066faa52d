"""What is very large, each reviewed in a process of its own: seconds, peak of memory, exit code, what was left out.

`python bench/load.py [NAME ...]`; the repositories are made in a temporary folder and gone afterwards. No model.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speedkit.repos import git, make

IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@example.com")
CLEAN = "def add(a, b):\n    return a + b\n"
FLAW = "def add(a, b):\n    return a + undefined_name\n"
LIMIT = 600.0
Build = Callable[[Path], object]


@dataclass(frozen=True)
class Run:
    """One review: `peak` is in bytes, of the process and of what it waited for."""

    code: int
    seconds: float
    peak: int
    report: dict[str, Any]


def beside(path: str, content: Callable[[], bytes], base: bytes = b"") -> Build:
    """A flaw that must be found, and a file beside it."""

    def build(folder: Path) -> None:
        git(folder, "init", "-q", "-b", "main")
        (folder / "m.py").write_text(CLEAN)
        if base:
            (folder / path).write_bytes(base)
        git(folder, "add", ".")
        git(folder, *IDENTITY, "commit", "-q", "-m", "base")
        (folder / "m.py").write_text(FLAW)
        (folder / path).write_bytes(content())
        git(folder, "add", ".")

    return build


def wide(folder: Path) -> None:
    """100,000 files in the index, one of them changed."""
    git(folder, "init", "-q", "-b", "main")
    (folder / "m.py").write_text(CLEAN)
    git(folder, "add", ".")
    blob = subprocess.run(
        ("git", "rev-parse", ":m.py"), cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()
    entries = "".join(f"100644 {blob}\tpackage{n // 1000}/module{n}.py\n" for n in range(100_000))
    subprocess.run(("git", "update-index", "--index-info"), cwd=folder, check=True, input=entries.encode())
    git(folder, *IDENTITY, "commit", "-q", "-m", "base")
    (folder / "m.py").write_text(FLAW)
    git(folder, "add", "m.py")


def _function(lines: int, value: str) -> bytes:
    return ("def long(a):\n" + "".join(f"    a += {value}  # {n}\n" for n in range(lines)) + "    return a\n").encode()


CASES: dict[str, Build] = {
    "1,000 changed files": lambda folder: make(folder, files=1000, changed=1000, lines=40),
    "a file of 200 MB": beside("data.py", lambda: b"x = 1\n" * 33_400_000),
    "a line of 20 MB": beside("data.py", lambda: b"x = '" + b"a" * 20_000_000 + b"'\n"),
    "a line of 900 kB": beside("data.py", lambda: b"x = '" + b"a" * 900_000 + b"'\n"),
    "100,000 findings of ruff": beside("many.py", lambda: b"name\n" * 100_000),
    "a repository of 100,000 files": wide,
    "a unit of 5,000 lines": beside("long.py", lambda: _function(5000, "2"), _function(5000, "1")),
    "100,000 brackets": beside("deep.py", lambda: b"x = " + b"(" * 100_000 + b")" * 100_000 + b"\n"),
    "100,000 signs": beside("deep.py", lambda: b"x = " + b"-" * 100_000 + b"1\n"),
    "a sum of 100,000": beside("deep.py", lambda: b"def f(a):\n    return a" + b" + a" * 100_000 + b"\n"),
    "a sum of 900": beside("deep.py", lambda: b"def f(a):\n    return a" + b" + a" * 900 + b"\n"),
    "a sum of 300": beside("deep.py", lambda: b"def f(a):\n    return a" + b" + a" * 300 + b"\n"),
    "90 blocks in each other": beside(
        "deep.py",
        lambda: b"def f(a):\n" + b"".join(b" " * (n + 1) + b"if a:\n" for n in range(90)) + b" " * 91 + b"return 1\n",
    ),
    "900 attributes": beside("deep.py", lambda: b"def f(a):\n    return a" + b".b" * 900 + b"\n"),
    "900 calls": beside("deep.py", lambda: b"def f(a):\n    return a" + b".b()" * 450 + b"\n"),
}


def review(folder: Path, *words: str) -> Run:
    """Review what is staged there."""
    argv = (sys.executable, "-m", "reviewer", "diff", "--no-llm", "--no-tests", "--format", "json", *words)
    begin = time.monotonic()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(argv, cwd=folder, env=os.environ | {"LLM_REVIEW_BACKGROUND": "false"}, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begin
        out.seek(0)
        said = out.read()
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Run(process.returncode, seconds, peak, json.loads(said) if said else {})


def main() -> int:
    """Measure what was asked for, or all."""
    wanted = sys.argv[1:] or list(CASES)
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="load-") as place:
            folder = Path(place) / "repo"
            folder.mkdir()
            CASES[name](folder)
            run = review(folder)
            skipped = [f"{s['what']}: {s['reason']}" for s in run.report.get("skipped", [])]
            print(
                f"| {name} | {run.seconds:.1f} s | {run.peak / 2**20:.0f} MB | {run.code} | "
                f"{len(run.report.get('findings', []))} findings | {'; '.join(skipped)[:300]} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
