from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from reviewer import process
from reviewer.errors import ToolError

PYTHON = sys.executable


def test_output_and_exit_code_come_back() -> None:
    done = process.run([PYTHON, "-c", "import sys; print(sys.stdin.read()); sys.exit(3)"], stdin=b"hello")
    assert (done.exit_code, done.stdout.strip()) == (3, b"hello")


def test_a_missing_program_is_a_tool_error() -> None:
    with pytest.raises(ToolError, match="no-such-program"):
        process.run(["no-such-program"])


def test_git_variables_are_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    done = process.run([PYTHON, "-c", "import os; print('GIT_DIR' in os.environ)"])
    assert done.stdout.strip() == b"False"


def test_the_limit_ends_the_whole_group(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import pathlib, subprocess\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "pathlib.Path(__file__).with_name('pid').write_text(str(child.pid))\n"
        "child.wait()\n"
    )
    done = process.run([PYTHON, str(script)], timeout=3)
    assert done.exit_code is None
    assert _gone(int((tmp_path / "pid").read_text()))


def test_output_over_the_limit_is_thrown_away() -> None:
    done = process.run([PYTHON, "-c", "print('x' * 1000000)"], output_limit=1000)
    assert len(done.stdout) == 1000
    assert done.clipped
    assert done.exit_code == 0


def test_a_grandchild_that_holds_the_pipe_does_not_hold_us() -> None:
    start = time.monotonic()
    done = process.run(["sh", "-c", "sleep 60 & echo done"], timeout=30)
    assert done.stdout == b"done\n"
    assert time.monotonic() - start < 20


def test_an_interrupt_kills_the_group_first(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = tmp_path / "runner.py"
    script.write_text(
        "from reviewer import interrupt, process\n"
        f"with interrupt.handled():\n    process.run(['sh', '-c', 'echo $$ > {pid}; exec sleep 60'])\n"
    )
    with process.start([PYTHON, str(script)]) as runner:
        _wait_for(pid)
        os.kill(runner.pid, signal.SIGINT)
    assert _gone(int(pid.read_text()))


def _wait_for(path: Path) -> None:
    for _ in range(400):
        if path.exists() and path.read_text().endswith("\n"):
            return
        time.sleep(0.05)
    pytest.fail(f"{path} was never written")


def _gone(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_what_is_detached_outlives_its_starter_and_inherits_nothing(tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = (
        "import os, pathlib, sys, time; time.sleep(1)\n"
        "links = [os.path.realpath(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') if int(n) > 2]\n"
        f"pathlib.Path({str(told)!r}).write_text(f'{{sys.stdin.read()}} {{os.getcwd()}} {{links}}')\n"
    )
    script = tmp_path / "starter.py"
    script.write_text(
        "import os, sys\nfrom reviewer import process\n"
        f"os.set_inheritable(os.open({str(script)!r}, os.O_RDONLY), True)\n"
        f"process.detach([sys.executable, '-c', {code!r}], stdin=b'hello')\n"
    )
    assert process.run([PYTHON, str(script)]).exit_code == 0
    assert not told.exists()
    said = ""
    for _ in range(400):
        if told.exists() and (said := told.read_text()):
            break
        time.sleep(0.05)
    assert said.startswith("hello / ")
    assert str(script) not in said
