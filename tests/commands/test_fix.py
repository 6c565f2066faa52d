from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from reviewer import boundary
from reviewer.cli import main
from reviewer.commands.fix import choose
from reviewer.errors import ExitCode, UsageError
from reviewer.finding import Category, Finding, Location, Proof, Severity, Suggestion, Verdict
from tests.conftest import Repo

BASE = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n\n\ndef other():\n    return 1\n"
HEAD = BASE.replace("a + b", "a * b").replace("a - b", "[][a]")
TESTS = """from calc import add, sub


def test_add():
    assert add(1, 2) == 3


def test_sub():
    assert sub(2, 1) == 1
"""
WORDS = ("fix", "--no-llm", "--sandbox", "none", "-q")


@pytest.fixture
def broken(repo: Repo, lean: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A staged change that breaks two tests, with more in the work tree."""
    repo.commit({"calc.py": BASE, "test_calc.py": TESTS})
    repo.write("calc.py", HEAD)
    repo.stage()
    repo.write("calc.py", HEAD.replace("return 1", "return 2"))
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("LLM_REVIEW_PYTHON", str(lean))
    return repo


def test_what_is_shown_is_applied_with_yes_and_told_how_to_undo(
    broken: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*WORDS, "--yes"]) == ExitCode.OK
    said = capsys.readouterr().out
    assert "calc.py:2  bug/test-regression" in said
    assert "verified: the 2 failing tests pass with it, and no other test breaks" in said
    assert "\n-    return a * b\n+    return a + b\n" in said
    assert "undo: git apply -R --cached " in said
    assert broken.git("show", ":calc.py") == BASE.rstrip("\n")
    assert (broken.root / "calc.py").read_text() == BASE.replace("return 1", "return 2")


def test_the_deadline_counts_from_the_start_of_the_process(broken: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[float] = []

    def conducted(*_: object, start: float, **__: object) -> None:
        starts.append(time.monotonic() - start)
        raise UsageError("enough")

    monkeypatch.setattr("reviewer.commands.fix.conduct", conducted)
    monkeypatch.setattr("reviewer.boundary._age", lambda: 100.0)
    monkeypatch.setattr("sys.argv", ["llm-review", *WORDS])
    assert boundary.run() == ExitCode.USAGE
    assert starts[0] > 100


def test_without_a_yes_nothing_is_written(
    broken: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = broken.state()
    assert main(WORDS) == ExitCode.BLOCKED
    assert "not applied; llm-review fix --yes applies it" in capsys.readouterr().out

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    monkeypatch.setattr("sys.stdout", Terminal())
    assert main(WORDS) == ExitCode.BLOCKED
    assert broken.state() == before
    monkeypatch.setattr("sys.stdin", Terminal("yes\n"))
    assert main(WORDS) == ExitCode.OK
    assert broken.git("show", ":calc.py") == BASE.rstrip("\n")


def test_what_was_reviewed_is_not_reviewed_again(
    broken: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["diff", *WORDS[1:]]) == ExitCode.BLOCKED

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("reviewer.commands.fix.conduct", never)
    assert main([*WORDS, "--yes"]) == ExitCode.OK
    assert "undo: " in capsys.readouterr().out


def test_a_conflict_is_an_error_with_a_hint_and_loses_nothing(broken: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    broken.write("calc.py", HEAD.replace("a * b", "b * a  # mine"))
    before = broken.state()
    assert main([*WORDS, "--yes"]) == ExitCode.USAGE
    assert "nothing was changed" in capsys.readouterr().err
    assert broken.state() == before


def test_a_change_without_findings_has_nothing_to_fix(
    repo: Repo, lean: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"a.py": "X = 1\n"})
    repo.write("a.py", "X = 2\n")
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("LLM_REVIEW_PYTHON", str(lean))
    assert main([*WORDS, "--yes"]) == ExitCode.OK
    assert capsys.readouterr().out == "no verified fix (0 findings); llm-review diff shows the review\n"


def found(line: int, verdict: Verdict | None, rule: str = "bug/x") -> Finding:
    fix = Suggestion(f"patch {line}", "", verdict, "why") if verdict else None
    place = Location("a/b.py", line, line + 1)
    return Finding(rule, Category.BUG, Severity.ERROR, Proof.TOOL, place, f"quote {line}", "m", ("s",), suggestion=fix)


SOME = [
    found(1, Verdict.VERIFIED), found(5, Verdict.PASSES), found(9, Verdict.NOT_RUN, "bandit/B1"), found(20, None),
]  # fmt: skip


def test_only_what_is_verified_is_offered_unasked() -> None:
    assert choose(SOME, None) == SOME[:1]


def test_a_finding_is_named_by_its_place_its_rule_or_its_id() -> None:
    assert choose(SOME, "a/b.py:2") == SOME[:1]
    assert choose(SOME, "a/b.py:6") == SOME[1:2]
    assert choose(SOME, "bug/x") == SOME[:2]
    assert choose(SOME, SOME[1].fingerprint[:6]) == SOME[1:2]


@pytest.mark.parametrize(
    ("word", "message", "hint"),
    [
        ("a/b.py:4", "no finding is called a/b.py:4", "there are: a/b.py:1, a/b.py:5"),
        ("a/b.py:x", "no finding is called a/b.py:x", ""),
        ("", "no finding is called ", ""),
        ("bandit/B1", "bandit/B1 has no fix with which tests pass", "not executed: why"),
        ("a/b.py:20", "a/b.py:20 has no fix with which tests pass", "none was found"),
    ],
)
def test_a_name_without_a_fix_is_explained(word: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        choose(SOME, word)
    assert raised.value.message == message
    assert raised.value.hint.startswith(hint)
