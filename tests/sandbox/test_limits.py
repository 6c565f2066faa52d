"""Programs that take all they can get; each bound is small here, so that the machine does not feel it."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.process import OUTPUT_LIMIT, Done
from reviewer.sandbox import limits
from reviewer.sandbox.base import Sandbox
from reviewer.sandbox.bubblewrap import Bubblewrap
from reviewer.sandbox.limits import MEGABYTE, Limits, machine_memory
from reviewer.sandbox.none import Reduced

from .conftest import PREFIXES, find_walls

PYTHON = (sys.executable, "-I", "-S", "-c")
linux = pytest.mark.skipif(sys.platform != "linux", reason="a tree of processes is watched on Linux only")


@pytest.fixture(params=["walls", "reduced"])
def sandbox(request: pytest.FixtureRequest, folders: tuple[Path, Path, Path]) -> Bubblewrap | Reduced:
    return Bubblewrap(find_walls(), folders[0], PREFIXES) if request.param == "walls" else Reduced()


def run(sandbox: Sandbox, folders: tuple[Path, Path, Path], code: str, timeout: float = 30) -> Done:
    return sandbox.run((*PYTHON, code), snapshot=folders[1], scratch=folders[2], timeout=timeout)


@linux
def test_ten_gigabytes_are_not_had(sandbox: Bubblewrap | Reduced, folders: tuple[Path, Path, Path]) -> None:
    bounded = replace(sandbox, limits=Limits(memory_bytes=200 * MEGABYTE))
    code = "import time\nkept = []\nfor _ in range(10_000): kept.append(b'x' * 1_000_000); time.sleep(0.001)\nprint(1)"
    done = run(bounded, folders, code)
    assert done.stdout == b""
    assert (done.exit_code, b"killed: more than 200 MB of memory" in done.stderr) == (-9, True), done.stderr


@linux
def test_memory_is_that_of_all_processes(sandbox: Bubblewrap | Reduced, folders: tuple[Path, Path, Path]) -> None:
    bounded = replace(sandbox, limits=Limits(memory_bytes=200 * MEGABYTE))
    each = (
        "import os, time\nfor _ in range(3):\n    if os.fork() == 0: break\nkept = b'x' * 100_000_000\ntime.sleep(20)"
    )
    assert b"of memory" in run(bounded, folders, each).stderr


@linux
def test_memory_that_processes_share_counts_once(
    sandbox: Bubblewrap | Reduced, folders: tuple[Path, Path, Path]
) -> None:
    bounded = replace(sandbox, limits=Limits(memory_bytes=200 * MEGABYTE))
    code = (
        "import os, time\nkept = b'x' * 100_000_000\nfor _ in range(3):\n    if os.fork() == 0: break\ntime.sleep(0.5)"
    )
    assert run(bounded, folders, code).exit_code == 0


@linux
def test_a_fork_bomb_goes_off_in_a_box(sandbox: Bubblewrap | Reduced, folders: tuple[Path, Path, Path]) -> None:
    bounded = replace(sandbox, limits=Limits(processes=40))
    code = (
        "import os, time\n"
        "while True:\n"
        "    try: os.fork()\n"
        "    except BlockingIOError: time.sleep(0.01)\n"
        "    time.sleep(0.02)\n"
    )
    done = run(bounded, folders, code, timeout=5)
    root = os.getuid() == 0 or isinstance(sandbox, Reduced)  # whom Linux does not count
    assert (done.exit_code, b"more than 40 processes" in done.stderr) == ((-9, True) if root else (None, False))


def test_a_gigabyte_of_output_is_clipped(sandbox: Bubblewrap | Reduced, folders: tuple[Path, Path, Path]) -> None:
    done = run(sandbox, folders, "import os\nfor _ in range(1000): os.write(1, bytes(1_000_000))", timeout=60)
    assert (done.exit_code, len(done.stdout), done.clipped) == (0, OUTPUT_LIMIT, True)


def test_an_endless_loop_ends_at_the_limit(sandbox: Bubblewrap | Reduced, folders: tuple[Path, Path, Path]) -> None:
    done = run(sandbox, folders, "while True: pass", timeout=1)
    assert done.exit_code is None
    assert done.seconds < 20


def test_what_the_receipt_says() -> None:
    said = str(Limits(cpu_seconds=3, memory_bytes=100 * MEGABYTE, processes=7))
    assert said.startswith("cpu: 3 s; file size: 1024 MB; ")
    assert said.endswith("memory: 100 MB and processes: 7, watched" if sys.platform == "linux" else "processes: none")


def test_a_container_has_less_memory_than_its_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CGROUP", tmp_path / "memory.max")
    whole = machine_memory()
    (tmp_path / "memory.max").write_text("max\n")
    assert machine_memory() == whole > MEGABYTE
    (tmp_path / "memory.max").write_text(f"{MEGABYTE}\n")
    assert machine_memory() == MEGABYTE
    assert Limits().memory == MEGABYTE // 2
