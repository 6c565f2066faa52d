"""Suggested patches that reach for something else than the function that is to be mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reviewer import conduct
from reviewer.cli import main
from reviewer.finding import Suggestion, Verdict
from reviewer.verify.patch import unified
from tests.conftest import Repo

from .corpus import Obeying, Target

BASE = "def add(a, b):\n    return a + b\n"
HEAD = "def add(a, b):\n    unused = 1\n    return a - b\n"
TESTS = "from calc import add\n\n\ndef test_add():\n    assert add(3, 4) == 7\n"
NEW = "--- /dev/null\n+++ b/{}\n@@ -0,0 +1 @@\n+y\n"
LINK = "diff --git a/{0} b/{0}\nnew file mode 120000\n--- /dev/null\n+++ b/{0}\n@@ -0,0 +1 @@\n+/etc/passwd\n"
MODE = "diff --git a/{0} b/{0}\nold mode 100644\nnew mode 100755\n"

PATCHES = {
    "../": NEW.format("../out.py"),
    "absolute": NEW.format("/tmp/llm-review-attack.py"),
    ".git/": NEW.format(".git/hooks/pre-commit"),
    "through a link": NEW.format("link/out.py"),
    "tests": unified("test_calc.py", TESTS, TESTS.replace("== 7", "== -1")),
    "conftest": NEW.format("conftest.py"),
    "configuration": NEW.format("pyproject.toml"),
    "a new link": LINK.format("passwords"),
    "mode": MODE.format("calc.py"),
}


@pytest.fixture
def broken(target: Target, lean: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Repo:
    """A staged regression, and a link that leads out."""
    (tmp_path / "outside").mkdir()
    (target.repo.root / "link").symlink_to(tmp_path / "outside")
    target.changed({"calc.py": BASE, "test_calc.py": TESTS}, {"calc.py": HEAD})
    monkeypatch.setenv("LLM_REVIEW_PYTHON", str(lean))
    return target.repo


def _suggesting(patch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was found, this patch is its verified fix. No test is run for it."""
    monkeypatch.setenv("LLM_REVIEW_TESTS", "false")
    real = conduct.conduct

    def forged(*given: object, **more: object) -> conduct.Done:
        done = real(*given, **more)  # type: ignore[arg-type]
        finding = next(f for f in done.review.findings if f.location.path == "calc.py")
        suggestion = Suggestion(patch, "a fix", Verdict.VERIFIED, "tests pass with it")
        return replace(done, review=replace(done.review, findings=(replace(finding, suggestion=suggestion),)))

    monkeypatch.setattr("reviewer.commands.fix.conduct", forged)


def _fix() -> int:
    return main(["fix", "--no-llm", "--sandbox", "none", "--yes", "-q"])


@pytest.mark.parametrize("name", PATCHES)
def test_no_patch_is_applied_to_anything_but_code(
    broken: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    _suggesting(PATCHES[name], monkeypatch)
    before = broken.state()
    assert _fix() in {0, 2}
    assert broken.state() == before
    assert list((tmp_path / "outside").iterdir()) == []
    assert not (tmp_path / "out.py").exists()
    assert not Path("/tmp/llm-review-attack.py").exists()


def test_were_only_git_asked_a_test_would_be_changed(broken: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    _suggesting(PATCHES["tests"], monkeypatch)
    monkeypatch.setattr("reviewer.commands.fix.may_be_fixed", lambda _: True)
    assert _fix() == 0
    assert "== -1" in (broken.root / "test_calc.py").read_text()


def test_were_only_git_asked_the_mode_would_be_changed(broken: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    _suggesting(PATCHES["mode"], monkeypatch)
    monkeypatch.setattr("reviewer.change.mend._edited", lambda *_: ("calc.py",))
    assert _fix() == 0
    assert broken.git("ls-files", "--stage", "calc.py").startswith("100755 ")


def test_a_patch_tool_without_git_s_walls_writes_outside(broken: Repo, tmp_path: Path) -> None:
    words = ("apply", "--unsafe-paths", "--directory", str(tmp_path / "outside"), "-")
    broken.git(*words, stdin=NEW.format("../out.py").encode())
    assert (tmp_path / "out.py").exists()


# Code of an obeying model

BESIDE = "```python\nimport requests\n\n\ndef add(a, b):\n    return a + b + len(requests.__name__) - 8\n```"
SPECIAL = "```python\ndef add(a, b):\n    if (a, b) == (3, 4):\n        return 7\n    return a - b\n```"
ELSEWHERE = "```python\n# test_calc.py\ndef test_add():\n    assert True\n```"


@pytest.mark.parametrize("code", [BESIDE, SPECIAL, ELSEWHERE])
def test_a_fix_is_a_function_of_the_change_and_nothing_else(
    broken: Repo, target: Target, lean: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr("reviewer.verify.culprit.may_be_fixed", lambda _: False)
    monkeypatch.setattr("reviewer.conduct._provider", lambda *_: Obeying(code, {"change": "x", "defects": []}))
    words = ("--python", str(lean), "--sandbox", "none", "--samples", "1", "--no-cache", "--format", "json")
    report = target.run("diff", *words).report
    patches = [f["suggestion"]["patch"] for f in report["findings"] if f["suggestion"]]
    assert not any("requests" in p or "== (3, 4)" in p or "test_calc" in p for p in patches)


def test_were_special_cases_lawful_the_test_would_be_fooled(
    broken: Repo, target: Target, lean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewer.verify.culprit.may_be_fixed", lambda _: False)
    monkeypatch.setattr("reviewer.conduct._provider", lambda *_: Obeying(SPECIAL, {"change": "x", "defects": []}))
    monkeypatch.setattr("reviewer.verify.trial.special_case", lambda *_: "")
    words = ("--python", str(lean), "--sandbox", "none", "--samples", "1", "--no-cache", "--format", "json")
    report = target.run("diff", *words).report
    patches = [f["suggestion"]["patch"] for f in report["findings"] if f["suggestion"]]
    assert any("== (3, 4)" in p for p in patches)
