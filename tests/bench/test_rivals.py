"""The scripts that let other reviewers review, without the other reviewers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import naive
import pytest
import scanners
from claims import read_report
from quality import main as quality
from rivalkit import gito, installed, pr_agent
from rivalkit.said import UNSORTED, Remark, number, report
from rivals import KINDS, main

from tests.bench.conftest import commit

DIFF = """\
diff --git a/a.py b/a.py
index 1..2 100644
--- a/a.py
+++ b/a.py
@@ -1,3 +1,3 @@ def f():
 one
-two
+2
 three
"""


def test_the_diff_is_shown_with_the_new_versions_numbers() -> None:
    shown = list(naive.numbered(DIFF))
    assert shown == ["+++ b/a.py", "@@ -1,3 +1,3 @@ def f():", "   1  one", "     -two", "   2 +2", "   3  three"]


def test_an_answer_that_was_cut_keeps_what_came_before() -> None:
    whole = json.dumps({"findings": [{"file": "a.py", "line": 3, "category": "bug", "message": "say 'x'"}]})
    (remark,), complete = naive.read(whole)
    assert (remark.path, remark.start, remark.category, complete) == ("a.py", 3, "bug", True)
    assert naive.read(whole[:-2] + ', {"file": "b') == ([remark], False)


@pytest.mark.parametrize(("said", "expected"), [(3, 3), ("4-7", 4), ("line 5", 5), (None, 9), (0, 9), ("", 9)])
def test_line_numbers_as_models_write_them(said: object, expected: int) -> None:
    assert number(said, 9) == expected


def test_what_is_said_is_a_report_that_the_judge_reads() -> None:
    read = read_report(report("tool", [Remark("a.py", 3, 1, UNSORTED, "wrong (CWE-78)")], (5, 7), complete=False))
    (claim,) = read.claims
    assert (claim.start, claim.end, claim.category, claim.cwes) == (3, 3, UNSORTED, (78,))
    assert (read.tokens, read.complete, claim.blocking) == (12, False, False)


def issue(**own: Any) -> dict[str, Any]:
    return {"title": "t", "details": "d", "file": "a.py", "severity": 2, "tags": ["bug"], **own}


def test_gitos_issues_are_read() -> None:
    placed = issue(affected_lines=[{"start_line": 3, "end_line": 5}, {"start_line": 9}])
    said = {"issues": {"a.py": [placed, issue(tags=["bug", "security"]), issue(tags=["naming"], severity=3)]}}
    first, second, third = gito.remarks(said)
    assert (first.start, first.end, first.category, first.severity) == (3, 5, "bug", "error")
    assert (second.start, second.category) == (1, UNSORTED)
    assert (third.category, third.severity) == ("style", "warning")


def test_pr_agents_review_is_read() -> None:
    found = {"relevant_file": "a.py\n", "issue_header": "Possible Bug\n", "issue_content": "c", "start_line": 3}
    review = {"key_issues_to_review": [found], "security_concerns": "SQL injection: x"}
    first, second = pr_agent.remarks({"review": review}, "z.py")
    assert (first.path, first.start, first.end, first.category) == ("a.py", 3, 3, UNSORTED)
    assert (second.path, second.category) == ("z.py", "security")
    assert list(pr_agent.remarks({"review": {"security_concerns": " No\n"}}, "z.py")) == []
    assert pr_agent.tokens({"usage": {"prompt_tokens": 4, "completion_tokens": 2}}) == (4, 2)


def test_an_environment_that_is_ready_is_not_made_again(tmp_path: Path) -> None:
    (tmp_path / "rivals" / "gito").mkdir(parents=True)
    (tmp_path / "rivals" / "gito" / "ready").touch()
    assert installed.environment("gito", tmp_path) == tmp_path / "rivals" / "gito" / "bin"


def test_a_scanner_reports_added_lines_alone(tmp_path: Path) -> None:
    commit(tmp_path, {"old.py": "import os\nos.system(input())\n"})
    (tmp_path / "old.py").write_text("import os\nos.system(input())\nos.system(input())\n")
    subprocess.run(("git", "add", "-A"), cwd=tmp_path, check=True)
    for tool in ("bandit", "ruff"):
        argv = (sys.executable, str(Path(scanners.__file__)), tool)
        read = read_report(subprocess.check_output(argv, cwd=tmp_path))
        assert {claim.start for claim in read.claims} == {3}
        assert {number for claim in read.claims for number in claim.cwes} == {78}


def test_every_kind_can_be_chosen_and_the_table_is_printed(
    bench_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(KINDS) == 4
    manifest, out = str(bench_home / "cases" / "some.jsonl"), str(bench_home / "out")
    words = ["--manifest", manifest, "--out", out, "--kind", "quixbugs:blind", "--tool", "naive"]
    assert main([*words, "--table"]) == 0
    assert "missed (0)" in capsys.readouterr().out
    assert main([*words, "--model", str(bench_home / "none.gguf")]) == 2
    assert "no model file" in capsys.readouterr().err


def test_a_rival_is_a_command_of_the_bench(bench_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest, out = str(bench_home / "cases" / "some.jsonl"), str(bench_home / "out")
    command = (sys.executable, str(Path(scanners.__file__)), "bandit")
    words = ["--manifest", manifest, "--out", out, "--id", "quix-double", "--mode", "blind"]
    assert quality([*words, "--", *command]) == 0
    assert "no report (0)" in capsys.readouterr().out
