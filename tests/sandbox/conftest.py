from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.sandbox import bubblewrap
from reviewer.sandbox.bubblewrap import Bubblewrap

PREFIXES = (Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Repository, snapshot and scratch folder."""
    made = tuple(tmp_path / name for name in ("repo", "snapshot", "scratch"))
    for folder in made:
        folder.mkdir()
    return made[0], made[1], made[2]


def find_walls() -> Path:
    """A bwrap that works; the test is skipped where there is none."""
    program = bubblewrap.find()
    if program is None or bubblewrap.why_not(program):
        pytest.skip("no user namespaces here")
    return program


@pytest.fixture
def walls(folders: tuple[Path, Path, Path]) -> Bubblewrap:
    return Bubblewrap(find_walls(), folders[0], PREFIXES)


@pytest.fixture
def layered(walls: Bubblewrap, tmp_path: Path) -> Bubblewrap:
    if not bubblewrap.can_layer(walls.program, tmp_path):
        pytest.skip("no layers here")
    return replace(walls, layered=True)
