"""Comments and attributes that hide code, and programs that git starts on behalf of a repository."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from reviewer.evidence import ahead, bandit, ruff
from reviewer.evidence.ruff import find_ruff
from reviewer.process import Done

from .corpus import CLEAN, FLAW, SHELL, Target

HIDING = "*.py -diff -text binary linguist-generated=true linguist-vendored=true\n"


def test_noqa_hides_nothing_and_is_reported(target: Target) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": "# ruff: noqa\n" + FLAW.rstrip("\n") + "  # noqa\n"})
    assert "F821" not in target.plain(find_ruff(), "check", "--no-cache", "--isolated", ".").stdout
    assert {"ruff/F821", "style/new-suppression"} <= target.diff().rules


def test_were_noqa_honoured_it_would_hide_the_flaw(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": FLAW.rstrip("\n") + "  # noqa\n"})
    monkeypatch.setattr(ruff, "BASIC", tuple(word for word in ruff.BASIC if word != "--ignore-noqa"))
    assert target.diff().code == 0


def _by_bandit(target: Target) -> bool:
    return any("bandit" in f["sources"] for f in target.diff().report["findings"])


def test_nosec_hides_nothing_and_is_reported(target: Target) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": SHELL.rstrip("\n") + "  # nosec\n"})
    assert "B602" not in target.plain(sys.executable, "-P", "-m", "bandit", "-q", "m.py").stdout
    assert _by_bandit(target)
    assert "style/new-suppression" in target.diff().rules


def test_were_nosec_honoured_it_would_hide_the_weakness(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": SHELL.rstrip("\n") + "  # nosec\n"})
    real = ahead.bandit

    def careless(runs: Sequence[Sequence[str]], timeout: float) -> Done:
        return real([[word for word in words if word != "--ignore-nosec"] for words in runs], timeout)

    monkeypatch.setattr(bandit, "run_bandit", careless)
    assert not _by_bandit(target)


def test_attributes_of_the_change_hide_nothing(target: Target) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": FLAW, ".gitattributes": HIDING})
    assert "undefined_name" not in target.plain("git", "diff", "--cached").stdout, "the attack does not work at all"
    said = target.diff()
    assert ("ruff/F821", "m.py", "tool") in said.blocking
    assert "m.py" in said.report["receipt"]["files"]


def test_were_the_heads_attributes_believed_the_file_would_be_left_out(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": FLAW, ".gitattributes": HIDING})
    monkeypatch.setattr("reviewer.change.diff.marked_paths", lambda *_: frozenset({"m.py"}))
    said = target.diff().report
    assert [s["harmless"] for s in said["skipped"] if s["what"] == "m.py"] == [True]
    assert "m.py" not in said["receipt"]["files"]


def test_an_exclude_that_is_new_is_said(target: Target) -> None:
    table = "[tool.ruff]\nexclude = ['secret']\n"
    target.changed({"m.py": CLEAN, "pyproject.toml": "[tool.ruff]\n"}, {"pyproject.toml": table})
    assert any(rule.endswith("/new-exclude") for rule in target.diff().rules)


@pytest.fixture
def marker(target: Target, tmp_path: Path) -> Path:
    """A change in a repository whose own configuration starts programs, each of which leaves this file behind."""
    place = tmp_path / "ran"
    script = tmp_path / "program"
    script.write_text(f"#!/bin/sh\ntouch '{place}'\n")
    script.chmod(0o755)
    target.changed({"m.py": CLEAN}, {"m.py": FLAW, ".gitattributes": "*.py diff=evil filter=evil\n"})
    for name in ("diff.evil.textconv", "filter.evil.smudge", "core.fsmonitor", "diff.external"):
        target.repo.git("config", name, str(script))
    hooks = target.repo.root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction"):
        (hooks / name).write_text(script.read_text())
        (hooks / name).chmod(0o755)
    return place


def _reviewed(target: Target) -> int:
    """Without comparing the state before and after, for which git itself would be asked."""
    from reviewer.cli import main

    return main(["diff", "--staged", "--no-llm", "--no-tests", "--format", "json"])


def test_git_starts_nothing_for_the_repository(target: Target, marker: Path) -> None:
    target.plain("git", "diff", "--cached")
    assert marker.exists(), "the attack does not work at all"
    marker.unlink()
    assert _reviewed(target) == 1
    assert not marker.exists()


def test_without_hardening_git_starts_the_repositorys_programs(
    target: Target, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewer.change.gitcommand.CONFIG", ())
    marker.unlink(missing_ok=True)
    assert _reviewed(target) == 1
    assert marker.exists()
