"""`llm-review fix` for code as it stands: real git, pytest, ruff and bandit; the model is a fake."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from reviewer import desk
from reviewer.cli import main
from reviewer.errors import ExitCode
from tests.conftest import Repo
from tests.fakes import FakeProvider

CALC = '''import subprocess


def double(x):
    """Twice x."""
    return x + x


def area(w, h):
    """The area."""
    return double(w) * h / 2 + h


def listing(folder):
    return subprocess.run(f"ls {folder}", shell=True, capture_output=True).stdout


def first(items):
    return items[1]
'''
TESTS = """import pytest

from calc import area, double, first


def test_double():
    assert double(2) == 4


@pytest.mark.parametrize("w", [3, 5])
def test_area(w):
    assert area(w, 4) == w * 4


def test_first():
    assert first(["a"]) == "a"
"""
MENDED = "def area(w, h):\n    return double(w) * h / 2\n"
WRONG = "def area(w, h):\n    return h\n"
FIRST = "def first(items):\n    return items[0]\n"
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def repo(tmp_path: Path, lean: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    found = Repo(tmp_path / "repo")
    found.commit({"calc.py": CALC, "tests/test_calc.py": TESTS, "tests/__init__.py": "", "broken.py": "x = 1 / 0\n"})
    monkeypatch.chdir(found.root)
    monkeypatch.setenv("LLM_REVIEW_PYTHON", str(lean))
    return found


def answers(monkeypatch: pytest.MonkeyPatch, *replies: str) -> FakeProvider:
    fake = FakeProvider(replies)
    monkeypatch.setattr(desk, "choose", lambda *_: fake)
    return fake


def fix(*words: str) -> int:
    return main(["fix", *words, "--sandbox", "none", "-q"])


def test_a_failing_test_is_traced_to_its_function_and_mended(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    provider = answers(monkeypatch, WRONG, MENDED)
    before = repo.state()
    assert fix("--test", "tests/test_calc.py::test_area") == ExitCode.BLOCKED
    said = capsys.readouterr().out
    assert "tests/test_calc.py::test_area[3] and 1 more fails: AssertionError: assert 16" in said
    assert "calc.py:11  bug/test-fails" in said
    assert "verified: the 2 failing tests pass with it, and no other test breaks" in said
    assert "-    return double(w) * h / 2 + h\n+    return double(w) * h / 2\n" in said
    assert "assert area(3, 4) == 3 * 4" in provider.requests[0].prompt
    assert repo.state() == before


def test_it_is_written_when_asked(repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    answers(monkeypatch, MENDED)
    assert fix("calc.py::area", "--test", "tests/test_calc.py::test_area[5]", "--write") == ExitCode.OK
    assert "undo: git apply -R " in capsys.readouterr().out
    assert "double(w) * h / 2\n" in (repo.root / "calc.py").read_text()


def test_what_pytest_printed_is_enough(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured, lean: Path
) -> None:
    words = [str(lean / "bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_calc.py::test_first"]
    printed = subprocess.run(words, capture_output=True, text=True, check=False, cwd=repo.root).stdout
    for text in (printed, printed.partition("short test summary")[0]):
        answers(monkeypatch, FIRST)
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        assert fix("-") == ExitCode.BLOCKED
        said = capsys.readouterr().out
        assert "tests/test_calc.py::test_first fails: IndexError" in said
        assert "verified: the failing test passes with it" in said


def test_a_script_that_ended_with_a_traceback_is_run_again(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured, lean: Path
) -> None:
    repo.write("app.py", "from calc import first\n\n\ndef main():\n    print(first(['a']))\n\n\nmain()\n")
    printed = subprocess.run(
        [str(lean / "bin/python"), "app.py"], capture_output=True, text=True, check=False, cwd=repo.root
    ).stderr
    answers(monkeypatch, FIRST)
    monkeypatch.setattr(sys, "stdin", io.StringIO(printed))
    assert fix("-", "--write") == ExitCode.OK
    assert "verified: the failing test passes with it" in capsys.readouterr().out
    assert "return items[0]" in (repo.root / "calc.py").read_text()
    assert not list(repo.root.glob("test_llm*"))


def test_a_finding_of_a_tool(repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    repo.write("tests/test_listing.py", "from calc import listing\n\n\ndef test_it():\n    assert listing('.')\n")
    mended = "def listing(folder):\n    return subprocess.run(['ls', folder], capture_output=True).stdout\n"
    answers(monkeypatch, mended.replace("['ls', folder]", "f'ls {folder}', shell=True"), mended)
    assert fix("calc.py", "--rule", "B602") == ExitCode.BLOCKED
    said = capsys.readouterr().out
    assert "subprocess call with shell=True" in said
    assert "the tests that passed pass with it, and 3 failed before; 2 tests pass" in said
    assert "+    return subprocess.run(['ls', folder], capture_output=True).stdout" in said


def test_a_finding_that_no_test_runs_is_shown_and_not_written(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    answers(
        monkeypatch, "def listing(folder):\n    return subprocess.run(['ls', folder], capture_output=True).stdout\n"
    )
    before = repo.state()
    assert fix("calc.py::listing", "--rule", "S602", "--write") == ExitCode.BLOCKED
    said = capsys.readouterr().out
    assert "no fix: not executed: no test runs this code" in said
    assert "+    return subprocess.run(['ls', folder]" in said
    assert repo.state() == before


def test_an_id_of_the_last_report_that_has_no_fix(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    repo.write("calc.py", CALC + "\n\ndef run(x):\n    return subprocess.run(f'ls {x}', shell=True)\n")
    assert main(["diff", "--no-llm", "--no-tests", "--format", "json", "-q"]) == ExitCode.BLOCKED
    found = next(f for f in json.loads(capsys.readouterr().out)["findings"] if f["rule_id"] == "bandit/B602")
    answers(monkeypatch, "def run(x):\n    return subprocess.run(['ls', x])\n")
    assert fix(found["id"][:8]) == ExitCode.BLOCKED
    said = capsys.readouterr().out
    assert "no fix: not executed: no test runs this code" in said
    assert "+    return subprocess.run(['ls', x])" in said


def test_what_no_proposal_mends_is_said(repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    answers(monkeypatch, *(WRONG.replace("return h", f"return h + {n}") for n in range(30)))
    assert fix("calc.py::area", "--samples", "2") == ExitCode.BLOCKED
    said = capsys.readouterr().out
    assert "no fix: " in said
    assert "2 proposals were tried: the failing test still fails with it" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--test", "tests/test_calc.py::test_double"), "tests/test_calc.py::test_double passes already"),
        (("--test", "tests/test_calc.py::test_dubble"), "did you mean tests/test_calc.py::test_double?"),
        (("--test", "tests/test_cal.py::test_double"), "no such test: tests/test_cal.py::test_double"),
        (("calc.py::aria",), "calc.py defines no aria"),
        (("tests/test_calc.py",), "is a test or configuration"),
        (("broken.py",), "no test file imports broken.py"),
        (("calc.py", "--rule", "B999"), "no tool reports B999 in calc.py"),
        (("--rule", "B602"), "--rule needs a file"),
        (("calc.py::area", "--staged"), "leave --of and the like out"),
        (("calc.py::area", "--no-llm"), "is the model's work"),
    ],
)
def test_what_cannot_be_done_is_said(repo: Repo, capsys: Captured, words: tuple[str, ...], message: str) -> None:
    assert fix(*words) == ExitCode.USAGE
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no traceback in the input"),
        ('Traceback (most recent call last):\n  File "/usr/lib/x.py", line 3, in f\nKeyError: 1\n', "names no file of"),
        ("FAILED tests/test_other.py::test_x - AssertionError\n", "no such test: tests/test_other.py::test_x"),
        ('Traceback (most recent call last):\n  File "calc.py", line 3, in f\nKeyError: 1\n', "does not end with"),
    ],
)
def test_a_traceback_of_no_use_is_said(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured, text: str, message: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert fix("-") == ExitCode.USAGE
    assert message in capsys.readouterr().err


def test_a_flaky_test_is_no_judge(repo: Repo, capsys: Captured) -> None:
    once = "import os\n\n\ndef test_it():\n    assert os.environ['PYTHONHASHSEED'] == '1'\n"
    repo.write("tests/test_flaky.py", once)
    assert fix("--test", "tests/test_flaky.py::test_it") == ExitCode.USAGE
    assert "failed once and then passed" in capsys.readouterr().err
