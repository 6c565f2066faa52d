from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reviewer.evidence import ahead, bandit
from reviewer.evidence.bandit import Bandit
from reviewer.evidence.base import Evidence
from reviewer.finding import Category, Severity
from tests.evidence.changes import make

SHELL = "import subprocess\n\n\ndef f(c):\n    subprocess.run(c, shell=True){}\n"
Texts = dict[str, str | bytes]


def look(tmp_path: Path, base: Texts, head: Texts) -> Evidence:
    return make(base, head).collect(Bandit(), tmp_path / "sides")


def test_a_new_weakness_is_an_error_with_its_cwe_whatever_the_comments_say(tmp_path: Path) -> None:
    safe = SHELL.replace(", shell=True", "")
    hidden: Texts = {"a.py": SHELL.format("  # nosec B602"), ".bandit": "[bandit]\nskips: B602\n"}
    found = look(tmp_path, {"a.py": safe.format("")}, hidden)
    (finding,) = found.findings
    assert (finding.rule_id, finding.severity, finding.category) == ("bandit/B602", Severity.ERROR, Category.SECURITY)
    assert finding.message.endswith("(CWE-78)")
    assert finding.location.start_line == 5
    assert finding.quote == "subprocess.run(c, shell=True)  # nosec B602"


def test_what_the_base_had_and_what_is_in_tests_is_not_reported(tmp_path: Path) -> None:
    old = SHELL.format("")
    head: Texts = {"a.py": "\n\n" + old, "tests/test_x.py": old, "conftest.py": old}
    found = look(tmp_path, {"a.py": old}, head)
    assert (found.findings, found.skipped) == ((), ())


def test_common_uses_of_md5_do_not_block_and_hidden_folders_are_looked_at(tmp_path: Path) -> None:
    found = look(tmp_path, {}, {".github/a.py": "import hashlib\n\nprint(hashlib.md5(b''))\n"})
    assert [(f.rule_id, f.severity) for f in found.findings] == [("bandit/B324", Severity.WARNING)]


def test_what_does_not_parse_is_skipped(tmp_path: Path) -> None:
    found = look(tmp_path, {}, {"a.py": "def f(:\n", "tests/b.py": "def f(:\n"})
    assert [(s.what, s.harmless) for s in found.skipped] == [("bandit: a.py", False)]


def test_modules_of_the_reviewed_tree_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w')\nraise SystemExit(0)\n"
    (tmp_path / "yaml.py").write_text(trap)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    found = look(tmp_path, {}, {"a.py": SHELL.format(""), "yaml.py": trap, "bandit.py": trap})
    assert "bandit/B602" in [f.rule_id for f in found.findings]
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("script", ["echo gibberish", "exit 3", 'echo \'{"results": [{}], "errors": []}\''])
def test_a_tool_that_breaks_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    found = look(tmp_path, {}, {"a.py": SHELL.format("")})
    assert found.findings == ()
    assert [(s.what, s.harmless) for s in found.skipped] == [("bandit", False)]


BREAKS = {
    "crash": "os.kill(os.getpid(), 11)",
    "garbage": "os.write(1, os.urandom(100_000))",
    "deep nesting": "print('[' * 200_000)",
    "another shape": "print('[{\"filename\": 5}]')",
    "silence": "pass",
    "a gigabyte": "[os.write(1, b' ' * 1_000_000) for _ in range(1000)]",
    "a gigabyte of errors": "[os.write(2, b' ' * 1_000_000) for _ in range(1000)]; sys.exit(3)",
    "hang": "time.sleep(1000)",
    "hang that ignores signals": "[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; time.sleep(1000)",
    "a child that stays": "subprocess.Popen(['sleep', '1000']); print('[')",
}


@pytest.mark.parametrize("fault", BREAKS)
def test_bandit_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    program = f"import os, signal, subprocess, sys, time\nsys.stdin.read()\n{BREAKS[fault]}"
    monkeypatch.setattr(ahead, "PROGRAM", program)
    found = make({}, {"a.py": SHELL.format("")}).collect(Bandit(timeout=3.0), tmp_path / "sides")
    assert found.findings == ()
    assert [(s.what, s.harmless) for s in found.skipped] == [("bandit", False)]


def test_a_change_without_python_starts_no_process(tmp_path: Path) -> None:
    assert look(tmp_path, {}, {"a.txt": "x"}) == Evidence()


@pytest.mark.parametrize("few", [0, 40])
def test_large_changes_have_the_base_looked_at_where_it_matters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(bandit, "FEW", few)
    weak = SHELL.format("")
    base: Texts = {"old.py": weak, "moved.py": weak, "other.py": "x = 1\n"}
    head: Texts = {"old.py": f"import os\n{weak}", "moved.py": "", "to.py": weak, "other.py": weak}
    found = look(tmp_path, base, head)
    assert [(f.rule_id, f.location.path) for f in found.findings] == [("bandit/B602", "to.py")]
    targets = [Path(word).name for command in found.commands for word in command.argv if word.startswith(str(tmp_path))]
    assert targets == (["head", "base"] if few else ["head", "moved.py", "old.py"])


def test_a_weakness_that_the_base_had_is_not_said_in_a_small_change(tmp_path: Path) -> None:
    weak = SHELL.format("")
    found = look(tmp_path, {"old.py": f"{weak}x = 1\n"}, {"old.py": f"# more\n{weak}x = 2\n"})
    assert found.findings == ()
    assert found.skipped == ()


def test_where_nothing_is_weak_a_large_base_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bandit, "FEW", 0)
    weak = SHELL.format("")
    found = look(tmp_path, {"old.py": f"{weak}x = 1\n"}, {"old.py": f"{weak}x = 2\n"})
    assert found.findings == ()
    assert len(found.commands) == 1
