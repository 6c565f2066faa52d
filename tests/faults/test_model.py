"""What can happen to the model's process, its file and the kept answers in the middle of a review."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from reviewer.llm import store

from .place import STAND_IN, Place

ANSWER = 'for index in range(body.get("n", 1)):'
HARM = {
    "killed during a request": "say(callback, 'so '); os.kill(os.getpid(), signal.SIGKILL)\n        ",
    "killed after a request": "threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGKILL)).start()\n        ",
    "garbage": "os.write(1, b'garbage'); callback('no json {')\n        ",
}
MAPPED = """mapped = mmap.mmap(os.open(str(self.log)[:-4], os.O_RDONLY), 0, prot=mmap.PROT_READ)
        os.truncate(str(self.log)[:-4], 0)
        mapped[:1]
        """


@pytest.mark.parametrize("harm", sorted(HARM))
def test_the_server_is_lost(place: Place, harm: str) -> None:
    place.engine(STAND_IN.replace(ANSWER, HARM[harm] + ANSWER))
    said = place.review("--no-tests", llm=True)
    assert said.code == 1
    assert said.report["findings"]


def test_the_model_file_is_truncated_while_it_is_mapped(place: Place) -> None:
    place.engine("import mmap\n" + STAND_IN.replace(ANSWER, MAPPED + ANSWER))
    said = place.review("--no-tests", llm=True)
    assert said.code == 1
    assert said.skipped("model")


def _corrupt(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


def _newer(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {store.FORMAT + 1}")
    db.close()


def _cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize("harm", [_corrupt, _newer, _cut])
def test_the_kept_answers_are_spoilt(place: Place, harm: Callable[[Path], None]) -> None:
    whole = place.review("--no-tests", llm=True)
    harm(place.folder / "cache" / store.FILE)
    said = place.review("--no-tests", llm=True)
    assert said.skipped("kept answers")
    assert (said.code, said.report["findings"]) == (whole.code, whole.report["findings"])


def test_the_kept_answers_are_locked(place: Place) -> None:
    whole = place.review("--no-tests", llm=True)
    holder = sqlite3.connect(place.folder / "cache" / store.FILE, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        said = place.review("--no-tests", llm=True)
    finally:
        holder.close()
    assert said.essence[:4] == whole.essence[:4]
    assert said.skipped("kept answers")


def test_the_clock_jumps(place: Place) -> None:
    """A year forwards or back at every look at it."""
    whole = place.review("--no-tests", llm=True)
    jump = "import random, time\nreal = time.time\ntime.time = lambda: real() + random.choice((-1, 1)) * 3e7\n"
    (place.folder / "engine" / "sitecustomize.py").write_text(jump)
    said = place.review("--no-tests", llm=True)
    assert said.essence == whole.essence
