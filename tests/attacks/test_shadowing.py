"""Files of the tree that have the names of what a tool imports."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reviewer.evidence import ahead

from .corpus import CLEAN, SHELL, Target

NAMES = ("yaml.py", "rich.py", "bandit/__init__.py", "argparse.py", "json.py", "pluggy.py", "sitecustomize.py")


@pytest.fixture
def marker(target: Target, tmp_path: Path) -> Path:
    """A change with a weakness and modules that leave this file behind when they are imported."""
    place = tmp_path / "imported"
    code = f"open({str(place)!r}, 'w').close()\n"
    target.changed({"m.py": CLEAN}, {"m.py": SHELL, **dict.fromkeys(NAMES, code)})
    return place


def test_no_tool_imports_from_the_tree(target: Target, marker: Path) -> None:
    target.plain(sys.executable, "-m", "bandit", "-q", "-r", ".")
    assert marker.exists(), "the attack does not work at all"
    marker.unlink()
    said = target.diff()
    assert not marker.exists()
    assert any("bandit" in f["sources"] for f in said.report["findings"] if f["path"] == "m.py")


def test_a_tool_that_is_started_in_the_tree_imports_from_it(
    target: Target, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "PYTHON", ("-E", "-B"))
    monkeypatch.setattr(ahead, "PLACE", str(target.repo.root))
    target.diff()
    assert marker.exists()


def test_a_python_path_that_leads_into_the_tree_changes_nothing(
    target: Target, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(target.repo.root))
    target.plain(sys.executable, "-P", "-m", "bandit", "-q", "-r", ".")
    assert marker.exists(), "the attack does not work at all"
    marker.unlink()
    target.diff()
    assert not marker.exists()
