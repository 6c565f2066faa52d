from __future__ import annotations

import json
from pathlib import Path

import pytest
from casekit import Kit, Workshop, read_manifest
from mine import main

from .conftest import OLD, commit

TEST = OLD["tests/test_half.py"]
SLOW = OLD["half.py"] + "\n\ndef twice(n):\n    return n + n\n"


@pytest.fixture
def mined(bench_home: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """The cases of a project with a fix, a fix that no test shows, and a change that is none."""
    home = bench_home / "mirrors" / "any" / "repo"
    upstream = bench_home / "mirrors" / "any+half"
    commit(upstream, {**OLD, "half.py": SLOW})
    commit(upstream, {"half.py": SLOW.replace("3", "2"), "tests/test_half.py": TEST + FOUR}, "Fix halves")
    commit(upstream, {"half.py": SLOW.replace("3", "2") + "\n", "tests/test_half.py": TEST + FOUR + "\n"}, "fix layout")
    last = SLOW.replace("3", "2").replace("n + n", "2 * n")
    commit(upstream, {"half.py": last, "tests/test_half.py": TEST + FOUR + "\n\n"}, "Multiply")
    assert not home.exists()
    python = bench_home / "home" / "venvs" / "basic" / "bin" / "python"
    monkeypatch.setattr(Workshop, "environment", lambda *_: python)
    out = bench_home / "out"
    assert main(["any/half", "six", "--out", str(out)]) == 0
    assert json.loads((out / "packages.json").read_text())["half"]["packages"] == ["pytest", "pytest-timeout", "six"]
    return [json.loads(line) for line in (out / "cases.jsonl").read_text().splitlines()]


FOUR = "\n\ndef test_four():\n    assert half(4) == 2\n"


def test_a_fix_whose_test_shows_it_is_a_case(mined: list[dict[str, object]], bench_home: Path, tmp_path: Path) -> None:
    (row,) = mined
    assert row["expected"] == [{"path": "half.py", "lines": [2], "functions": ["half"]}]
    assert row["failing_tests"] == ["tests/test_half.py::test_four"]
    assert row["modes"] == ["seen", "blind", "control", "control-seen"]
    kit = Kit(Workshop.from_environment(bench_home / "out" / "packages.json"))
    (case,) = read_manifest(bench_home / "out" / "cases.jsonl").values()
    kit.build(case, "seen", tmp_path / "case")
    assert not kit.grade(case, tmp_path / "case").fixed
    kit.build(case, "control-seen", tmp_path / "right")
    assert kit.grade(case, tmp_path / "right").right
