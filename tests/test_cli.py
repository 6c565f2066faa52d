from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reviewer import __version__
from reviewer.arguments import parser
from reviewer.change.git import Repository
from reviewer.cli import main
from reviewer.overview import overview

from .conftest import Repo

TOP = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--help"], "llm-review diff main...HEAD"),
        (["diff", "--help"], "llm-review diff --patch fix.diff"),
        (["model", "--help"], "llm-review model pull"),
        (["model", "pull", "--help"], "a catalogue name"),
        (["fix", "--help"], "llm-review fix --yes"),
        (["doctor", "--help"], "ok, or missing with what to do"),
    ],
)
def test_every_help_says_how_to_use_it(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    assert expected in capsys.readouterr().out


def test_the_help_that_needs_no_parser_is_the_parser_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert parser().format_help() == overview()


def test_every_command_has_help_and_a_module(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = re.findall(r"^    (\w+)  ", capsys.readouterr().out, re.MULTILINE)
    modules = {path.stem for path in (TOP / "reviewer" / "commands").glob("*.py")} - {"__init__"}
    assert set(listed) == modules


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "required: COMMAND"),
        (["dif"], "invalid choice: 'dif'"),
        (["diff", "--no-such-option"], "unrecognized arguments: --no-such-option"),
        (["diff", "--samples", "x"], "invalid int value: 'x'"),
        (["model"], "required: ACTION"),
    ],
)
def test_wrong_use_is_explained(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith("usage: llm-review")
    assert expected in said


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"llm-review {__version__}\n"


def _fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Repository:
        raise error

    monkeypatch.setattr(Repository, "open", fail)


def test_a_bug_is_logged_and_not_thrown_at_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _fail_with(ZeroDivisionError("a \x1b[31mred herring"), monkeypatch)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert main(["diff"]) == 70
    said = capsys.readouterr()
    first, last = said.err.splitlines()
    log = Path(first.rpartition(" ")[2])
    assert first.startswith("this is a bug in llm-review")
    assert last == "ZeroDivisionError: a \\x1b[31mred herring"
    assert "Traceback" in log.read_text()
    assert (said.out, list(tmp_path.iterdir())) == ("", [log])


def test_a_bug_where_nothing_can_be_written_is_still_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    _fail_with(ZeroDivisionError("oops"), monkeypatch)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", full)
    assert main(["diff"]) == 70
    assert "could not be saved: No space left on device\nZeroDivisionError: oops" in capsys.readouterr().err


def test_an_interrupt_before_the_review_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _fail_with(KeyboardInterrupt(), monkeypatch)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert main(["diff"]) == 130
    assert capsys.readouterr() == ("", "interrupted\n")
    assert list(tmp_path.iterdir()) == []


# Signals in the middle of a real review


@contextmanager
def _reviewing(repo: Repo, place: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A review of a change whose test sleeps, when that test runs."""
    started = "import time\n\nfrom calc import add\n\n\ndef test_add():\n    assert add(1, 2)\n    time.sleep(170)\n"
    repo.commit({"calc.py": "def add(a, b):\n    return a + b\n", "test_calc.py": started})
    repo.write("calc.py", "def add(a, b):\n    return b + a\n\n\ndef sub(a, b):\n    return a - c\n")
    place.mkdir()
    env = os.environ | {"TMPDIR": str(place), "PYTHONPATH": str(TOP)}
    command = [sys.executable, "-m", "reviewer", "diff", "--no-llm", "--python", sys.executable, *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=repo.root, env=env, stdout=pipe, stderr=pipe, start_new_session=True) as process:
        try:
            _until(
                lambda: any("llm_review_plugin" in words for words in _commands(place)) or process.poll() is not None
            )
            yield process
        finally:
            process.kill()


def _until(condition: object) -> None:
    end = time.monotonic() + 60
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def _commands(place: Path) -> list[str]:
    """The command lines of processes in which a folder occurs."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(place) in words:
            found.append(words)
    return found


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("signals", "sandbox"),
    [
        ((signal.SIGINT,), "auto"),
        ((signal.SIGTERM,), "none"),
        ((signal.SIGINT, signal.SIGINT), "none"),
    ],
)
def test_an_interrupted_review_says_what_it_found(
    repo: Repo, tmp_path: Path, signals: tuple[signal.Signals, ...], sandbox: str
) -> None:
    place = tmp_path / "tmp"
    with _reviewing(repo, place, "--sandbox", sandbox) as process:
        assert process.poll() is None
        for number in signals:
            os.killpg(process.pid, number)  # as a terminal does
        out, err = process.communicate(timeout=10)
    assert (process.returncode, err.decode()) == (130, ""), out.decode()
    assert "F821" in out.decode()
    assert "INTERRUPTED" in out.decode()
    _until(lambda: not _commands(place))
    assert list(place.iterdir()) == []
