"""Repositories made for timing: a staged change of any size in a repository of any size."""

from __future__ import annotations

import subprocess
from pathlib import Path

FUNCTION = '''
def step_{n}(items, limit={n}):
    """The sum of what is below the limit."""
    total = 0
    for item in items:
        if item < limit:
            total += item
    return total
'''
CHANGED = FUNCTION.replace("item < limit", "item <= limit")
LINES = FUNCTION.count("\n")
TEST = "from {module} import step_0\n\n\ndef test_step():\n    assert step_0([1, 2], 9) == 3\n"
# Sleeps longer than any deadline that is measured.
SLOW_TEST = """import time

from {module} import step_0


def test_step():
    time.sleep(45)
    assert step_0([1, 2], 9) == 3
"""


def make(folder: Path, *, files: int, changed: int, lines: int, test: str = "") -> Path:
    """A repository of `files` modules, `changed` of which have a staged change in every function of about `lines`."""
    git(folder, "init", "-q", "-b", "main")
    functions = max(1, lines // LINES)
    for number in range(files):
        _write(folder, number, _text(FUNCTION, functions if number < changed else 2))
    if test:
        (folder / "test_step.py").write_text(test.format(module=_name(0).replace("/", ".")))
    git(folder, "add", ".")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "base")
    for number in range(changed):
        _write(folder, number, _text(CHANGED, functions))
    git(folder, "add", ".")
    return folder


def git(folder: Path, *words: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(("git", *words), cwd=folder, check=True, stdout=subprocess.DEVNULL)


def changed_files(folder: Path) -> list[str]:
    done = subprocess.run(
        ("git", "diff", "--cached", "--name-only"), cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.split()


def _name(number: int) -> str:
    return f"p{number // 100}/m{number}"


def _write(folder: Path, number: int, text: str) -> None:
    path = folder / f"{_name(number)}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def _text(function: str, count: int) -> str:
    return '"""Steps."""\n' + "\n".join(function.format(n=n) for n in range(count))
