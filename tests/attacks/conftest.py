from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from reviewer.change.snapshot import export
from reviewer.review import FailOn, Review
from reviewer.verify import runner
from reviewer.verify.canary import CAUGHT, Canary, Flight
from reviewer.verify.hearing import Hearing
from tests.conftest import Repo
from tests.verify.cases import Case, staged

from .corpus import Target

CALC = "def half(a):\n    return a / 2\n"
BUG = "def half(a):\n    return a / 3\n"
TESTS = "from calc import half\n\n\ndef test_half():\n    assert half(4) == 2\n\n\ndef test_other():\n    pass\n"

Attack = Callable[[Mapping[str, str]], Case]


@pytest.fixture
def attack(tmp_path: Path, lean: Path) -> Iterator[Attack]:
    """A change that breaks `half`, for which there is a test, and brings the files of an attack along."""
    made: list[Case] = []

    def make(files: Mapping[str, str]) -> Case:
        made.append(staged(tmp_path, {"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": BUG, **files}, lean))
        return made[-1]

    yield make
    for case in made:
        case.repo.close()


def reviewed(case: Case) -> Review:
    """What is said of the change; incomplete is not good enough."""
    case.run()
    return case.draft.review(FailOn.TOOL, "fail")


def green(review: Review) -> bool:
    """Nothing blocks and nothing was left out: what an attacker wants."""
    return review.exit_code == 0


def plain(case: Case, lean: Path, env: Mapping[str, str] | None = None) -> int:
    """The exit status of `python -m pytest` on the head, as everybody runs it: none of our defences."""
    folder = case.scratch.parent / "plain"
    export(case.repo, case.change.head, folder)
    argv = [str(lean / "bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    done = subprocess.run(argv, cwd=folder, env=clean | dict(env or {}), capture_output=True, check=False)
    return done.returncode


class Switches:
    """Takes single defences away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._patch, self._folder = monkeypatch, folder

    def canary(self) -> None:
        """Nothing is made to raise; it is said that it was noticed."""

        def caught(flight: Flight, *_: object) -> Canary:
            return Canary(CAUGHT)

        self._patch.setattr("reviewer.verify.touched.release", caught)

    def base_configuration(self) -> None:
        """The head's own configuration decides alone."""
        self._patch.setattr("reviewer.verify.touched.hear", lambda *_: Hearing())
        self._patch.setattr("reviewer.verify.touched._unbelievable", lambda _: False)

    def agreement(self) -> None:
        """Whatever the report says is believed: no nonce, no exit status, no JUnit XML, no counted lines."""
        self._patch.setattr("reviewer.verify.runreport._Reader._doubt", lambda *_: "")

    def plugin(self, old: str, new: str) -> None:
        """A line of the program that runs pytest."""
        text = runner.PLUGIN.read_text("utf-8")
        assert old in text
        path = self._folder / "weakened.py"
        path.write_text(text.replace(old, new), "utf-8")
        self._patch.setattr(runner, "PLUGIN", path)


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Switches:
    return Switches(monkeypatch, tmp_path)


@pytest.fixture
def target(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Target:
    """A repository that is reviewed by the whole program, with nobody's settings and models."""
    for name in [name for name in os.environ if name in {"LLM_REVIEW_MODEL", "LLM_REVIEW_PYTHON"}]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    monkeypatch.setenv("LLM_REVIEW_MODELS", str(tmp_path / "models"))
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(repo.root)
    return Target(repo, capsys)
