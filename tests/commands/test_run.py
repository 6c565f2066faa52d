from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from reviewer.cli import main
from reviewer.sandbox.choice import choose

from ..conftest import Repo

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_REVIEW_PYTHON", sys.executable)


def told(capsys: Captured, path: Path, *words: str) -> tuple[int, dict[str, Any]]:
    code = main(["run", str(path), "--no-llm", "--format", "json", *words])
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, said


def script(place: Path, text: str) -> Path:
    path = place / "script.py"
    path.write_text(text)
    return path


def test_a_person_sees_the_output_and_how_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", str(script(tmp_path, "print('hello')\n6 * 7\n")), "--no-llm"]) == 0
    said = capsys.readouterr()
    assert said.out == "hello\n"
    assert said.err.splitlines()[0] == "value: 42"
    assert said.err.splitlines()[1].startswith("ended: ok")


def test_a_file_of_a_repository_sees_the_rest_of_it_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"lib/__init__.py": "", "lib/core.py": "ANSWER = 1\n", "tool.py": ""})
    repo.write("lib/core.py", "ANSWER = 2\n")
    repo.write("tool.py", "from lib.core import ANSWER\nopen('lib/core.py', 'w').close()\nANSWER\n")
    before = repo.state()
    monkeypatch.chdir(repo.root / "lib")
    code, said = told(capsys, Path("../tool.py"))
    assert (code, said["value"]) == (0, "2")
    assert repo.state() == before


def test_what_cannot_be_read_is_an_error_with_a_hint(capsys: Captured, tmp_path: Path) -> None:
    assert main(["run", str(tmp_path / "none.py")]) == 2
    assert "hint: give a Python file" in capsys.readouterr().err
    (tmp_path / "latin.py").write_bytes(b"x = '\xe9'\n")
    assert main(["run", str(tmp_path / "latin.py")]) == 2


FORKS = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
HUNGRY = "kept = []\nwhile True:\n    kept.append(bytearray(64 * 1024 * 1024))\n"
LOUD = "import sys\nfor _ in range(1024):\n    sys.stdout.write('x' * 1024 * 1024)\n"
CALL = "import socket\nsocket.create_connection(('192.0.2.1', 80), 5)\n"
KEYS = "import pathlib\nprint(pathlib.Path({home!r}, '.ssh', 'secret').read_text())\n"


@pytest.fixture
def walls(tmp_path: Path) -> None:
    if choose("auto", tmp_path, ()).isolation["name"] == "none":
        pytest.skip("there is no sandbox here")


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("while True:\n    pass\n", {"time limit"}),
        (FORKS, {"time limit", "killed"}),
        (HUNGRY, {"killed", "exception", "time limit"}),
        (CALL, {"exception"}),
    ],
    ids=["endless", "fork bomb", "memory", "network"],
)
def test_hostile_scripts_are_ended_and_said(tmp_path: Path, capsys: Captured, text: str, ends: set[str]) -> None:
    code, said = told(capsys, script(tmp_path, text), "--seconds", "6")
    assert code == 1
    assert said["ended"] in ends
    assert said["seconds"] < 30


@pytest.mark.usefixtures("walls")
def test_a_flood_of_output_is_cut_and_said(tmp_path: Path, capsys: Captured) -> None:
    _, said = told(capsys, script(tmp_path, LOUD), "--seconds", "30")
    assert said["clipped"]
    assert len(said["output"]) < 1_000_000


@pytest.mark.usefixtures("walls")
def test_the_user_s_keys_are_not_there(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "secret").write_text("the key")
    monkeypatch.setenv("HOME", str(home))
    code, said = told(capsys, script(tmp_path, KEYS.format(home=str(home))))
    assert (code, said["ended"]) == (1, "exception")
    assert "the key" not in json.dumps(said)
