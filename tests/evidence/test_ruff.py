from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.evidence import ruff
from reviewer.evidence.base import Evidence
from reviewer.evidence.ruff import Ruff
from reviewer.finding import Category, Finding, Proof, Severity
from tests.evidence.changes import make

Texts = dict[str, str | bytes]


def look(tmp_path: Path, base: Texts, head: Texts, config: Path | None = None) -> Evidence:
    return make(base, head).collect(Ruff(config), tmp_path / "sides")


def rules(evidence: Evidence) -> list[tuple[str, int]]:
    return [(f.rule_id, f.location.start_line) for f in evidence.findings]


def test_an_undefined_name_on_a_changed_line_is_an_error(tmp_path: Path) -> None:
    made = make({"a.py": "def f(x):\n    return x\n"}, {"a.py": "def f(x):\n    return y\n"})
    unit = Unit("a.py", "f", UnitKind.FUNCTION, None, Span(1, 2, ""), frozenset({2}))
    found = Ruff().collect(made.change, made.materialise(tmp_path / "s").sides, lambda: (unit,))
    (finding,) = found.findings
    assert finding == Finding(
        "ruff/F821",
        Category.BUG,
        Severity.ERROR,
        Proof.TOOL,
        replace(finding.location, path="a.py", start_line=2, end_line=2),
        "return y",
        "Undefined name `y`",
        ("ruff",),
        "f",
    )
    assert [c.exit_code for c in found.commands] == [0, 0]
    assert found.skipped == ()


def test_what_the_base_had_is_not_reported_even_when_its_line_moved(tmp_path: Path) -> None:
    flaw = "def f(x=[]):\n    return x\n"
    assert rules(look(tmp_path, {"a.py": flaw}, {"a.py": "import sys\n\nsys.exit\n\n\n" + flaw})) == [("ruff/B018", 3)]


def test_a_second_copy_of_a_line_that_the_base_had_once_is_reported(tmp_path: Path) -> None:
    base = "def f(x):\n    assert (x, 1)\n"
    assert rules(look(tmp_path, {"a.py": base}, {"a.py": base + "    assert (x, 1)\n"})) == [("ruff/F631", 3)]


def test_code_that_moved_to_another_file_brings_in_nothing(tmp_path: Path) -> None:
    flaw = "def f(x=[]):\n    return x\n"
    assert rules(look(tmp_path, {"a.py": flaw + "y = 1\n"}, {"a.py": "y = 1\n", "b.py": flaw})) == []


def test_a_renamed_file_is_compared_with_the_one_it_was(tmp_path: Path) -> None:
    flaw = "def f(x=[]):\n    return x\n"
    made = make({"a.py": flaw}, {"b.py": flaw + "\n\ndef g(y={}):\n    return y\n"}, {"b.py": "a.py"})
    assert rules(made.collect(Ruff(), tmp_path / "s")) == [("ruff/B006", 5)]


def test_an_import_that_was_taken_away_breaks_a_line_that_did_not_change(tmp_path: Path) -> None:
    base = "import os\n\n\ndef f():\n    return os.name\n"
    found = look(tmp_path, {"a.py": base}, {"a.py": base.removeprefix("import os\n")})
    assert rules(found) == [("ruff/F821", 4)]


def test_suppressions_are_not_honoured(tmp_path: Path) -> None:
    head = "# ruff: noqa\n# flake8: noqa\nx = y  # noqa\n# ruff: disable[F821]\nz = w  # ruff: ignore[F821]\n"
    assert rules(look(tmp_path, {}, {"a.py": head})) == [("ruff/F821", 3), ("ruff/F821", 5)]


def test_configuration_in_the_change_is_not_read(tmp_path: Path) -> None:
    silent = "lint.select = []\nlint.ignore = ['F821']\nexclude = ['*']\n"
    found = look(tmp_path, {}, {"a.py": "x = y\n", "ruff.toml": silent, ".ruff.toml": silent, "build/b.py": "x = y\n"})
    assert rules(found) == [("ruff/F821", 1), ("ruff/F821", 1)]


def test_the_environment_cannot_send_the_output_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUFF_OUTPUT_FILE", str(tmp_path / "stolen"))
    assert rules(look(tmp_path, {}, {"a.py": "x = y\n"})) == [("ruff/F821", 1)]
    assert not (tmp_path / "stolen").exists()


def test_a_new_syntax_error_is_one_error(tmp_path: Path) -> None:
    found = look(tmp_path, {"a.py": "def f():\n    pass\n"}, {"a.py": "def f(:\n    pass\nx = = 1\n"})
    assert rules(found) == [("ruff/invalid-syntax", 1)]
    assert found.findings[0].severity is Severity.ERROR


def test_a_file_that_never_parsed_is_skipped_and_not_blamed_on_the_change(tmp_path: Path) -> None:
    found = look(tmp_path, {"a.py": "def f(:\n"}, {"a.py": "def f(:\nx = 1\n"})
    assert rules(found) == []
    assert [(s.what, s.harmless) for s in found.skipped] == [("ruff: a.py", False)]


def test_broken_test_data_does_not_block(tmp_path: Path) -> None:
    found = look(tmp_path, {}, {"tests/data/bad.py": "def f(:\n", "tests/test_x.py": "def f(:\n"})
    assert [f.severity for f in found.findings] == [Severity.WARNING, Severity.ERROR]


def test_a_file_that_ruff_cannot_read_is_skipped(tmp_path: Path) -> None:
    found = look(
        tmp_path,
        {},
        {"a.py": b"# coding: latin-1\nx = '\xe9'\n", b"\xff.py".decode("utf-8", "surrogateescape"): "x = y\n"},
    )
    assert found.findings == ()
    assert [s.what for s in found.skipped] == ["ruff: \udcff.py", "ruff: a.py"]


def test_security_rules_and_fixtures_are_quiet_in_tests(tmp_path: Path) -> None:
    code = "import subprocess\n\n\ndef test_x(c):\n    assert c\n    subprocess.run(c, shell=True)\n"
    assert rules(look(tmp_path, {}, {"tests/test_a.py": code})) == []
    assert rules(look(tmp_path / "2", {}, {"a.py": code})) == [("ruff/S602", 6)]


def test_a_test_that_replaces_another_of_its_name_is_about_tests(tmp_path: Path) -> None:
    twice = "def test_x():\n    pass\n\n\ndef test_x():\n    pass\n"
    assert [f.category for f in look(tmp_path, {}, {"test_a.py": twice}).findings] == [Category.TEST]


def test_what_the_project_ignores_counts_and_its_style_is_left_to_its_own_ruff(tmp_path: Path) -> None:
    config = tmp_path / "pyproject.toml"
    config.write_text('[tool.ruff.lint]\nselect = ["E", "W", "UP"]\nignore = ["B006"]\n')
    head = "from typing import List\ndef f(x: List[int]=[]):  \n    return y\n" + "#" * 100 + "\n"
    found = look(tmp_path, {}, {"a.py": head}, config)
    assert rules(found) == [("ruff/F821", 3)]


def test_the_projects_settings_for_folders_count(tmp_path: Path) -> None:
    config = tmp_path / "ruff.toml"
    config.write_text('builtins = ["magic"]\n[lint.per-file-ignores]\n"gen/**" = ["F821"]\n')
    found = look(tmp_path, {}, {"gen/a.py": "x = y\n", "b.py": "x = magic\n", "c.py": "x = y\n"}, config)
    assert [f.location.path for f in found.findings] == ["c.py"]


def test_what_the_project_excludes_is_said(tmp_path: Path) -> None:
    config = tmp_path / "ruff.toml"
    config.write_text('extend-exclude = ["examples"]\n')
    found = look(tmp_path, {}, {"examples/a.py": "x = y\n", "b.py": "x = 1\n"}, config)
    assert found.findings == ()
    assert [(s.what, s.harmless) for s in found.skipped] == [("ruff: examples/a.py", True)]


def test_the_projects_python_decides_what_is_valid(tmp_path: Path) -> None:
    later = "def f(x: Later) -> None:\n    print(x)\n\n\nclass Later:\n    pass\n"
    config = tmp_path / "pyproject.toml"
    config.write_text('[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.14"\n')
    assert rules(look(tmp_path / "1", {}, {"a.py": later}, config)) == []
    assert rules(look(tmp_path / "2", {}, {"a.py": later})) == [("ruff/F821", 1)]


def test_new_syntax_and_names_that_a_host_defines_are_no_errors(tmp_path: Path) -> None:
    head = "type X = int\n\n\ndef f[T](x: T) -> T:\n    get_ipython()\n    return x\n"
    assert rules(look(tmp_path, {}, {"a.py": head})) == []


def test_a_configuration_that_ruff_cannot_read_is_left_out_and_said(tmp_path: Path) -> None:
    config = tmp_path / "ruff.toml"
    config.write_text('extend = "missing.toml"\n')
    found = look(tmp_path, {}, {"a.py": "x = y\n"}, config)
    assert rules(found) == [("ruff/F821", 1)]
    assert [(s.what, s.harmless) for s in found.skipped] == [("ruff configuration ruff.toml", True)]


@pytest.mark.parametrize("script", ["echo gibberish", "exit 3", "echo '[{}]'", "kill -9 $$", "sleep 30"])
def test_a_tool_that_breaks_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "ruff"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(ruff, "find_ruff", lambda: os.fspath(program))
    found = make({}, {"a.py": "x = y\n"}).collect(Ruff(timeout=0.3), tmp_path / "s")
    assert found.findings == ()
    assert [(s.what, s.harmless) for s in found.skipped] == [("ruff", False)]


def test_a_missing_tool_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ruff, "find_ruff", lambda: "/nowhere/ruff")
    found = look(tmp_path, {}, {"a.py": "x = y\n"})
    assert found.findings == ()
    assert [s.what for s in found.skipped] == ["ruff"]


def test_a_file_that_overflows_ruffs_stack_does_not_hide_the_others(tmp_path: Path) -> None:
    deep = "x = 1" + " + 1" * 100_000 + "\n"
    evidence = look(tmp_path, {}, {"a[1].py": deep, "b.py": "print(undefined)\n"})
    assert {f.location.path for f in evidence.findings} == {"b.py"}
    assert [s.what for s in evidence.skipped] == ["ruff: a[1].py"]
