from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from reviewer.sandbox.limits import Limits
from reviewer.sandbox.none import Reduced

Folders = tuple[Path, Path, Path]
PYTHON = (sys.executable, "-I", "-S", "-c")


def alive(pid: int) -> bool:
    """Running, and not merely waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int) -> bool:
    for _ in range(100):
        if not alive(pid):
            return True
        time.sleep(0.02)
    return False


def test_the_environment_is_an_allow_list(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "secret")
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    monkeypatch.setenv("LC_TIME", "C")
    _, snapshot, scratch = folders
    code = "import json, os; print(json.dumps([dict(os.environ), os.getcwd()]))"
    done = Reduced().run((*PYTHON, code), snapshot=snapshot, scratch=scratch, timeout=20, env={"EXTRA": "1"})
    seen, place = json.loads(done.stdout)
    locale = {k for k in (*os.environ, "LC_CTYPE") if k.startswith("LC_")}
    kept = {"PATH", "LANG", "LANGUAGE", "TZ"}
    fixed = {"HOME", "TMPDIR", "TERM", "PYTHONDONTWRITEBYTECODE"}
    assert fixed <= set(seen) <= kept | fixed | locale | {"EXTRA"}
    assert (seen["HOME"], seen["LC_TIME"], seen["EXTRA"]) == (str(scratch / "home"), "C", "1")
    assert Path(seen["TMPDIR"]).is_dir()
    assert Path(place) == Reduced().place(snapshot) == snapshot


def test_the_command_that_is_recorded_is_the_one_that_was_asked_for(folders: Folders) -> None:
    done = Reduced().run(("true",), snapshot=folders[1], scratch=folders[2], timeout=20)
    assert (done.argv, done.exit_code) == (("true",), 0)


def test_exit_codes_and_signals_come_through(folders: Folders) -> None:
    def end(code: str) -> int | None:
        return Reduced().run((*PYTHON, code), snapshot=folders[1], scratch=folders[2], timeout=20).exit_code

    assert end("raise SystemExit(7)") == 7
    assert end("import os; os.kill(os.getpid(), 9)") == -signal.SIGKILL
    assert end("import os; os.abort()") == -signal.SIGABRT


def test_a_program_that_is_not_there_ends_with_127(folders: Folders) -> None:
    done = Reduced().run(("no-such-program",), snapshot=folders[1], scratch=folders[2], timeout=20)
    assert done.exit_code == 127
    assert b"no-such-program" in done.stderr


def test_a_file_larger_than_the_limit_is_refused(folders: Folders) -> None:
    sandbox = Reduced(limits=Limits(file_bytes=1000))
    code = "open('big', 'wb', buffering=0).write(b'x' * 999); open('bigger', 'wb', buffering=0).write(b'x' * 1001)"
    sandbox.run((*PYTHON, code), snapshot=folders[1], scratch=folders[2], timeout=20)
    assert (folders[1] / "big").stat().st_size == 999
    assert (folders[1] / "bigger").stat().st_size <= 1000


def test_a_loop_is_ended_by_its_processor_seconds(folders: Folders) -> None:
    sandbox = Reduced(limits=Limits(cpu_seconds=1))
    done = sandbox.run((*PYTHON, "while True: pass"), snapshot=folders[1], scratch=folders[2], timeout=60)
    assert done.exit_code in {-signal.SIGXCPU, -signal.SIGKILL}


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")
@pytest.mark.parametrize("ending", ["", "time.sleep(60)"], ids=["at its end", "at the limit"])
def test_a_grandchild_in_a_session_of_its_own_is_killed(folders: Folders, ending: str) -> None:
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        open('pid', 'w').write(str(os.getpid()))\n"
        "        time.sleep(60)\n"
        "    os._exit(0)\n"
        "while not os.path.exists('pid') or not open('pid').read(): time.sleep(0.01)\n"
    )
    done = Reduced().run((*PYTHON, code + ending), snapshot=folders[1], scratch=folders[2], timeout=3 if ending else 50)
    assert done.exit_code == (None if ending else 0)
    assert gone(int((folders[1] / "pid").read_text()))


def test_it_says_what_is_not_isolated() -> None:
    said = Reduced("bwrap was not found").isolation
    assert said["network"] == said["files"] == "not isolated"
    assert said["reason"] == "bwrap was not found"
