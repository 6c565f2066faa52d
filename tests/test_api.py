from __future__ import annotations

import json
import sys
from pathlib import Path

import git
import pytest

from reviewer import api, desk
from reviewer.errors import UsageError
from reviewer.settings import Settings
from tests.commands.test_generate import ADD, ASSERTIONS
from tests.craft.test_optimise import CALLS, FAST, SLOW
from tests.fakes import FakeProvider

from .conftest import Repo

SETTINGS = Settings(llm=False, python=sys.executable, samples=1)
SAID = json.dumps({"purpose": "drop what comes twice", "parameters": {"items": "they"}, "returns": "the rest"})
DEEP = json.dumps({**json.loads(SAID), "effects": "none", "complexity": "quadratic"})


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    path = tmp_path / "slow.py"
    path.write_text(SLOW.replace('    """Each item once."""\n', ""))
    return path


def answers(monkeypatch: pytest.MonkeyPatch, *replies: str | tuple[str, ...]) -> None:
    monkeypatch.setattr(desk, "choose", lambda *_: FakeProvider(replies))


def test_a_review_and_its_verified_fixes(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    test = "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
    repo.commit({"calc.py": "def add(a, b):\n    return a + b\n", "test_calc.py": test})
    repo.write("calc.py", "def add(a, b):\n    return a - b\n")
    before = repo.state()
    (found,) = api.review(repo.root, settings=SETTINGS).findings
    assert (found.rule_id, found.location.start_line, found.blocking) == ("bug/test-regression", 2, True)
    with git.Repo(repo.root) as opened:
        (fixed,) = api.fix(opened, settings=SETTINGS)
    assert fixed.suggestion is not None
    assert "+    return a + b" in fixed.suggestion.patch
    assert repo.state() == before


def test_a_fix_for_code_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo(tmp_path / "repo")
    test = "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
    repo.commit({"calc.py": "def add(a, b):\n    return a - b\n", "test_calc.py": test})
    before = repo.state()
    answers(monkeypatch, "def add(a, b):\n    return a + b\n")
    (fixed,) = api.fix(repo.root, test="test_calc.py::test_add", settings=SETTINGS)
    assert fixed.suggestion is not None
    assert (fixed.suggestion.verdict, fixed.unit) == ("verified", "add")
    assert repo.state() == before


def test_a_review_of_nothing_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="contradict"):
        api.review(tmp_path, staged=True, worktree=True)


def test_code_from_a_description(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ADD, ASSERTIONS)
    assert api.generate("写一个函数计算两个数的和", settings=SETTINGS).code == ADD


def test_a_script() -> None:
    assert api.run("1 + 1", settings=SETTINGS).value == "2"


def test_an_explanation(monkeypatch: pytest.MonkeyPatch, slow: Path) -> None:
    answers(monkeypatch, DEEP, CALLS)
    (found,) = api.explain(f"{slow}::unique", settings=SETTINGS)
    assert (found.complexity, found.examples[0].value) == ("quadratic", "[1, 2]")


def test_documentation_and_a_faster_version(monkeypatch: pytest.MonkeyPatch, slow: Path) -> None:
    before = slow.read_text()
    answers(monkeypatch, SAID, CALLS)
    (documented,) = api.document(str(slow), settings=SETTINGS)
    assert "Drop what comes twice." in documented.text
    answers(monkeypatch, CALLS, FAST)
    (faster,) = api.optimise(str(slow), settings=SETTINGS)
    assert "dict.fromkeys" in faster.text
    assert slow.read_text() == before
