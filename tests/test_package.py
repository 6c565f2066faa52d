"""What is shipped: named, justified, locked, and the same from any folder."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]
INSTALLED = ("local", "openai", "github", "sandbox", "dev")


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[ <>=!~;\[]", text, maxsplit=1)[0].lower() for text in requirements}


EXTRAS = {name: _names(found) for name, found in PROJECT["optional-dependencies"].items()}
DIRECT = _names(PROJECT["dependencies"])


def test_every_dependency_has_its_reason_and_every_reason_its_dependency() -> None:
    text = (TOP / "CONTRIBUTING.md").read_text("utf-8").split("## Why each dependency is there")[1]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")][2:]
    reasons = {name.strip().lower() for row in rows for name in re.sub(r"\(.*?\)", "", row).split(",")}
    assert reasons == DIRECT.union(*EXTRAS.values())


def test_every_dependency_has_a_lower_bound() -> None:
    every = [*PROJECT["dependencies"], *(text for found in PROJECT["optional-dependencies"].values() for text in found)]
    assert [text for text in every if not re.match(r"[\w.-]+>=\d", text)] == []


def test_the_lock_has_what_ci_installs_each_with_its_hashes_and_no_address() -> None:
    text = (TOP / ".ci" / "requirements.txt").read_text("utf-8")
    locked = {
        m[1].lower() for m in re.finditer(r"^([\w.-]+)==\S+.*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    }
    assert DIRECT.union(*(EXTRAS[name] for name in INSTALLED)) <= locked
    assert "://" not in text


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The hashes of wheel and sdist, built in two folders, at two times, under two masks."""
    return [_build(tmp_path_factory.mktemp(f"build{mask}"), mask) for mask in (0o022, 0o077)]


def _build(folder: Path, mask: int) -> dict[str, str]:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=True).stdout
    for name in os.fsdecode(files).split("\0"):
        if name and (TOP / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TOP / name, folder / name)
            os.utime(folder / name, (mask, mask))
    argv = [sys.executable, "-m", "hatchling", "build"]
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, umask=mask)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "dist").iterdir()}


def test_wheel_and_sdist_are_the_same_wherever_they_are_built(built: list[dict[str, str]]) -> None:
    assert len(built[0]) == 2
    assert built[0] == built[1]


def test_the_wheel_has_the_program_and_nothing_else(tmp_path: Path) -> None:
    (name,) = [name for name in _build(tmp_path, 0o022) if name.endswith(".whl")]
    files = zipfile.ZipFile(tmp_path / "dist" / name).namelist()
    tracked = subprocess.run(
        ["git", "ls-files", "reviewer"], cwd=TOP, capture_output=True, text=True, check=True
    ).stdout
    assert {file for file in files if ".dist-info/" not in file} == set(tracked.split())
