"""A disk that is full, at each stage: the folder for temporary files is a small one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reviewer.sandbox import bubblewrap

from .place import Place

KILOBYTE = 1024


def _small(place: Place, size: int) -> tuple[str, ...]:
    """The words that put a small disk in the place of the folder for temporary files."""
    program = bubblewrap.find()
    walls = ("--dev-bind", "/", "/", "--size", str(size), "--tmpfs", str(place.folder / "tmp"))
    words = (str(program or "bwrap"), *walls, "--")
    try:
        possible = subprocess.run((*words, "true"), capture_output=True, check=False).returncode == 0
    except OSError:
        possible = False
    if not possible:
        pytest.skip("needs a bwrap that can mount a disk of a given size")
    return words


@pytest.mark.parametrize("size", [8, 40, 120, 300, 1000])
def test_a_disk_that_is_full(place: Place, size: int) -> None:
    """Place.review asserts that it ends in words, and changes nothing."""
    said = place.review("--no-tests", before=_small(place, size * KILOBYTE))
    assert said.code in {0, 1, 2}
    if said.code == 2:
        assert "hint: " in said.err
    else:
        assert said.code == 1 or not said.report["complete"]


def test_nothing_can_be_kept(place: Place) -> None:
    for name in ("cache", "state", "run", "snapshots"):
        (place.folder / name).write_text("in the way")
    said = place.review("--no-tests", llm=True)
    assert said.code == 1
    assert said.skipped("kept answers") or said.report["receipt"]["model"] is None


def test_standard_output_on_a_full_disk(place: Place) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs a device that is always full")
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            place.words("--no-tests"),
            cwd=place.repo.root,
            env=place.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"No space left on device" in done.stderr
