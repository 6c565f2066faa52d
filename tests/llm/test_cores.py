from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from reviewer.llm import cores

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's files are Linux's")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four hardware threads on two cores, without a limit."""
    for cpu, siblings in enumerate(("0-1", "0-1", "2-3", "2-3")):
        place = tmp_path / f"cpu{cpu}" / "topology"
        place.mkdir(parents=True)
        (place / "thread_siblings_list").write_text(siblings + "\n")
    (tmp_path / "cpu.max").write_text("max 100000\n")
    monkeypatch.setattr(cores, "_TOPOLOGY", tmp_path)
    monkeypatch.setattr(cores, "_QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    return tmp_path


def test_two_hardware_threads_of_a_core_count_once(machine: Path) -> None:
    assert cores.physical_cores() == 2


def test_cores_that_the_process_may_not_use_do_not_count(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {2, 3})
    assert cores.physical_cores() == 1


def test_a_containers_share_is_respected(machine: Path) -> None:
    (machine / "cpu.max").write_text("150000 100000\n")
    assert cores.physical_cores() == 1


def test_half_a_core_is_still_one(machine: Path) -> None:
    (machine / "cpu.max").write_text("50000 100000\n")
    assert cores.physical_cores() == 1


def test_a_kernel_that_says_nothing_leaves_the_affinity(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_TOPOLOGY", machine / "no")
    monkeypatch.setattr(cores, "_QUOTA", machine / "no")
    assert cores.physical_cores() == 4
