from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from casekit import BenchError, Case, Kit, Workshop, read_manifest
from casekit.project import pytest_ini
from casekit.weaknesses import _repaired
from casekit.workshop import _take_code_out

from reviewer.errors import GitError


@pytest.fixture
def kit(bench_home: Path) -> Kit:
    return Kit(Workshop.from_environment(bench_home / "cases" / "packages.json"))


@pytest.fixture
def cases(bench_home: Path) -> dict[str, Case]:
    return read_manifest(bench_home / "cases" / "some.jsonl")


def git(folder: Path, *words: str) -> str:
    return subprocess.run(("git", *words), cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def test_a_bug_comes_back_under_the_tests_that_catch_it(kit: Kit, cases: dict[str, Case], tmp_path: Path) -> None:
    facts = kit.build(cases["half-1"], "seen", tmp_path / "case")
    assert git(tmp_path / "case", "diff", "--staged", "--name-only").split() == ["half.py"]
    assert "n // 3" in (tmp_path / "case" / "half.py").read_text()
    assert "test_four" in (tmp_path / "case" / "tests" / "test_half.py").read_text()
    assert facts.failing_tests == ("tests/test_half.py::test_four",)
    assert not facts.clean


def test_a_blind_case_has_the_old_tests_and_a_control_nothing_to_find(
    kit: Kit, cases: dict[str, Case], tmp_path: Path
) -> None:
    kit.build(cases["half-1"], "blind", tmp_path / "blind")
    facts = kit.build(cases["half-1"], "control", tmp_path / "control")
    assert "test_four" not in (tmp_path / "blind" / "tests" / "test_half.py").read_text()
    assert (facts.clean, facts.expected) == (True, ())
    assert "n // 2" in (tmp_path / "control" / "half.py").read_text()


def test_no_case_shows_the_changelog_of_the_fix_or_its_history(
    kit: Kit, cases: dict[str, Case], tmp_path: Path
) -> None:
    for mode in cases["half-1"].modes:
        kit.build(cases["half-1"], mode, tmp_path / mode)
        assert (tmp_path / mode / "CHANGES.md").read_text() == "nothing yet\n"
        assert git(tmp_path / mode, "rev-list", "--count", "--all").strip() == "1"
        assert git(tmp_path / mode, "status", "--porcelain", "--untracked-files=all").startswith("M  ")


def test_a_built_case_is_the_same_every_time(kit: Kit, cases: dict[str, Case], tmp_path: Path) -> None:
    for name in ("one", "two"):
        kit.build(cases["quix-double"], "fix", tmp_path / name)
    assert git(tmp_path / "one", "write-tree") == git(tmp_path / "two", "write-tree")
    assert git(tmp_path / "one", "rev-parse", "HEAD") == git(tmp_path / "two", "rev-parse", "HEAD")


def test_the_shown_tests_are_some_of_the_hidden_ones(kit: Kit, cases: dict[str, Case], tmp_path: Path) -> None:
    facts = kit.build(cases["quix-double"], "fix", tmp_path / "case")
    assert facts.visible_tests == ("tests/test_double.py",)
    assert (tmp_path / "case" / "tests" / "test_double.json").read_text() == "[[2], 4]\n[[3], 6]\n"
    assert "The double of n." in (tmp_path / "case" / "double.py").read_text()


def test_a_defect_fails_the_hidden_tests_and_the_right_patch_passes_them(
    kit: Kit, cases: dict[str, Case], tmp_path: Path
) -> None:
    case, folder = cases["half-1"], tmp_path / "case"
    kit.build(case, "blind", folder)
    right = git(folder, "diff", "-R", "--staged", "--src-prefix=b/", "--dst-prefix=a/")
    assert not kit.grade(case, folder).fixed
    assert kit.grade(case, folder, right).right
    assert "n // 3" in (folder / "half.py").read_text()


def test_a_patch_that_breaks_another_test_is_not_right(kit: Kit, cases: dict[str, Case], tmp_path: Path) -> None:
    kit.build(cases["half-1"], "blind", tmp_path / "case")
    patch = "--- a/half.py\n+++ b/half.py\n@@ -1,2 +1,2 @@\n def half(n):\n-    return n // 3\n+    return 2\n"
    grade = kit.grade(cases["half-1"], tmp_path / "case", patch)
    assert (grade.fixed, grade.no_regression, grade.right) == (True, False, False)
    assert grade.failures == ("tests/test_half.py::test_zero",)


def test_a_patch_that_does_not_apply_is_not_right(kit: Kit, cases: dict[str, Case], tmp_path: Path) -> None:
    kit.build(cases["quix-double"], "blind", tmp_path / "case")
    grade = kit.grade(cases["quix-double"], tmp_path / "case", "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n")
    assert (grade.applied, grade.right) == (False, False)


def test_code_that_cannot_be_imported_is_a_regression(kit: Kit, cases: dict[str, Case], tmp_path: Path) -> None:
    kit.build(cases["quix-double"], "control", tmp_path / "case")
    (tmp_path / "case" / "double.py").write_text("def double(\n")
    grade = kit.grade(cases["quix-double"], tmp_path / "case")
    assert (grade.fixed, grade.no_regression) == (False, False)


def test_a_repository_that_is_in_no_mirror_is_cloned_once(bench_home: Path, cases: dict[str, Case]) -> None:
    public = bench_home / "public"
    (public / "some").mkdir(parents=True)
    (bench_home / "mirrors" / "some+half").rename(public / "some" / "half")
    workshop = replace(Workshop.from_environment(bench_home / "cases" / "packages.json"), public_home=public.as_uri())
    commit = cases["half-1"].details["fix_commit"]
    assert b"n // 2" in (workshop.snapshot("some/half", commit).read("half.py") or b"")
    (public / "some" / "half").rename(public / "gone")
    assert workshop.snapshot("some/half", commit).read("CHANGES.md") == b"half was a third\n"
    assert workshop.snapshot("some/half", commit).read("absent.py") is None


def test_a_commit_that_is_not_in_the_repository_is_said(kit: Kit, cases: dict[str, Case], tmp_path: Path) -> None:
    lost = replace(cases["half-1"], details={**cases["half-1"].details, "parent": "0" * 40})
    with pytest.raises(GitError):
        kit.build(lost, "seen", tmp_path / "case")


def test_a_mode_that_a_case_lacks_and_a_folder_in_use_are_refused(
    kit: Kit, cases: dict[str, Case], tmp_path: Path
) -> None:
    with pytest.raises(BenchError, match="has the modes"):
        kit.build(cases["half-1"], "fix", tmp_path / "case")
    with pytest.raises(BenchError, match="not empty"):
        kit.build(cases["half-1"], "seen", tmp_path)


def test_the_code_of_the_project_is_taken_out_of_its_environment(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    info = site / "half_it-1.0.dist-info"
    (site / "half").mkdir(parents=True)
    info.mkdir()
    (site / "half" / "__init__.py").touch()
    (site / "other.py").touch()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Half-It\nVersion: 1.0\n")
    (info / "RECORD").write_text("half/__init__.py,,\nhalf_it-1.0.dist-info/METADATA,,\n../../../bin/half,,\n")
    _take_code_out(tmp_path, "half-it")
    assert not (site / "half").exists()
    assert (site / "other.py").exists()
    assert (info / "METADATA").exists()


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("tox.ini", "[pytest]\naddopts = -ra\n", "addopts = -ra"),
        ("setup.cfg", "[tool:pytest]\npythonpath = src\n", "pythonpath = .\n    src"),
        ("pyproject.toml", "[tool.pytest.ini_options]\nxfail_strict = true\n", "xfail_strict = true"),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = ['-k', 'a b']\n", "addopts = -k 'a b'"),
        ("pyproject.toml", "[tool.pytest.ini_options]\ntimeout = 3\n", "timeout = 3"),
        ("setup.py", "nothing", "timeout = 15"),
    ],
)
def test_the_settings_of_the_project_are_kept(name: str, text: str, line: str) -> None:
    files = {name: text.encode()}
    assert f"\n{line}\n" in pytest_ini((".",), 15, files.get)


def test_a_lax_project_loses_its_strictness() -> None:
    files = {"pytest.ini": b"[pytest]\naddopts = --cov\nfilterwarnings = error\n"}
    assert pytest_ini((".",), 15, files.get, lax=True) == (
        "[pytest]\nfilterwarnings = default\npythonpath = .\ntimeout = 15\n"
    )


def test_lines_take_the_place_of_weak_ones() -> None:
    assert _repaired("a\nb\nc\nd", [(1, 1, "x\ny"), (3, 4, "z")]) == "x\ny\nb\nz"
