"""Several reviews at once, of one repository and of others, say what each says alone."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.place import Place, Said
from tests.llm.engine import ENGINE

EIGHT = 8


def _essence(place: Place) -> tuple[object, ...]:
    """One review; whether anything is left is looked at when all have ended."""
    words = place.words(llm=True)
    done = subprocess.run(
        words, cwd=place.repo.root, env=place.environment(), capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert "bug in llm-review" not in done.stderr
    return Said(done.returncode, done.stdout, done.stderr, 0.0, 0).essence


@pytest.mark.parametrize("folders", [1, 4])
def test_eight_reviews_at_once(tmp_path: Path, lean: Path, folders: int) -> None:
    """`folders` repositories; the reviews of one share snapshots, kept answers and everything else."""
    places = [Place(tmp_path, lean / "bin" / "python") for _ in range(folders)]
    alone = [_essence(place) for place in places]
    before = [place.repo.state() for place in places]
    with ThreadPoolExecutor(EIGHT) as pool:
        said = list(pool.map(_essence, (places[n % folders] for n in range(EIGHT))))
    assert [one == alone[n % folders] for n, one in enumerate(said)] == [True] * EIGHT
    assert [place.left() for place in places] == [{}] * folders
    assert [place.repo.state() for place in places] == before


def test_the_stand_in_has_the_word_that_is_taken_out() -> None:
    assert 'if "hang" in prompt' in ENGINE


def test_what_python_cannot_parse_is_told_and_hides_nothing(tmp_path: Path, lean: Path) -> None:
    place = Place(tmp_path, lean / "bin" / "python")
    place.repo.write("deep.py", "x = 1" + " + 1" * 100_000 + "\n")
    place.repo.write("broken.py", "print(undefined_name)\n")
    place.repo.stage()
    said = place.review("--no-tests")
    assert "ruff/F821" in {f["rule_id"] for f in said.report["findings"]}
    assert said.skipped("ruff: deep.py")
    assert said.skipped("deep.py")
    assert said.peak < 700 * 1024 * 1024
