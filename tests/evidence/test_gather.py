from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.change.units import cut
from reviewer.evidence.base import Evidence
from reviewer.evidence.gather import gather
from reviewer.finding import Finding

from .changes import make

OLD = "import subprocess\n\n\ndef run(name):\n    return name\n"
NEW = """import subprocess


def run(name):
    seen = []
    for part in name:
        if part not in seen:
            seen.append(part)
    subprocess.run("ls " + name, shell=True)  # nosec
    return nowhere
"""


def collect(scratch: Path, base: str, head: str, configs: dict[str, str] | None = None) -> Evidence:
    made = make({"run.py": base}, {"run.py": head})
    units, _ = cut(made.change, made.blobs.__getitem__)
    return gather(made.change, made.blobs.__getitem__, units, configs or {}, scratch)


def test_every_collector_speaks_and_one_place_is_one_finding(tmp_path: Path) -> None:
    evidence = collect(tmp_path, OLD, NEW)
    by_line: dict[int, list[Finding]] = {}
    for finding in evidence.findings:
        by_line.setdefault(finding.location.start_line, []).append(finding)
    assert [f.rule_id for f in by_line[7]] == ["performance/list-search-in-loop"]
    assert {source for f in by_line[9] for source in f.sources} >= {"ruff", "bandit"}
    assert len([f for f in by_line[9] if f.rule_id.endswith("602")]) == 1
    assert "ruff/F821" in [f.rule_id for f in by_line[10]]
    assert {f.unit for f in evidence.findings} == {"run"}
    assert any("nosec" in f.message for f in by_line[9])
    assert {Path(c.argv[0]).name[:4] for c in evidence.commands} == {"ruff", "pyth"}
    assert evidence.skipped == ()


def test_what_the_base_had_is_not_a_finding(tmp_path: Path) -> None:
    assert collect(tmp_path, NEW, NEW.replace("import subprocess", "import subprocess\n\nX = 1")).findings == ()


@pytest.mark.parametrize("name", ["pyproject.toml", "ruff.toml"])
def test_the_base_s_ruff_configuration_is_used(tmp_path: Path, name: str) -> None:
    table = "tool.ruff.lint" if name == "pyproject.toml" else "lint"
    evidence = collect(tmp_path, OLD, NEW, {name: f"[{table}]\nignore = ['F821']\n"})
    assert "ruff/F821" not in [f.rule_id for f in evidence.findings]


def test_a_configuration_that_cannot_be_read_is_said_and_left_out(tmp_path: Path) -> None:
    evidence = collect(tmp_path, OLD, NEW, {"ruff.toml": "lint = 3\n"})
    assert "ruff/F821" in [f.rule_id for f in evidence.findings]
    assert [(s.what, s.harmless) for s in evidence.skipped] == [("ruff configuration ruff.toml", True)]


def test_ruff_s_own_file_comes_before_the_project_s(tmp_path: Path) -> None:
    configs = {"pyproject.toml": "[tool.ruff.lint]\nignore = ['F821']\n", "ruff.toml": ""}
    assert "ruff/F821" in [f.rule_id for f in collect(tmp_path, OLD, NEW, configs).findings]


def test_a_change_without_python_is_silent(tmp_path: Path) -> None:
    made = make({"a.txt": "a\n"}, {"a.txt": "b\n"})
    evidence = gather(made.change, made.blobs.__getitem__, (), {}, tmp_path)
    assert (evidence.findings, evidence.skipped) == ((), ())
