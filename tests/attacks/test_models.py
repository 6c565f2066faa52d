"""Other processes at the model server's door, and model files that are not what they should be."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reviewer.errors import ModelError
from reviewer.llm import download, serving
from reviewer.llm.catalog import CATALOG

from .corpus import CLEAN, FLAW, Target

# A server's front, with no engine behind it, in a process of its own.
FRONT = """
import socket, sys, time
from reviewer.llm import desk
{careless}
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(4)
front = desk.Desk({{"key": "k" * 64, "identity": "x", "idle": 60, "memory": 0}})
front.listen(listener)
print("ready", flush=True)
time.sleep(60)
"""
RIGHT, WRONG = "k" * 64, "j" * 64


def _answer(folder: Path, key: str, careless: str = "") -> bytes:
    """What one who comes with that key is told."""
    address = str(folder / f"s{len(list(folder.iterdir()))}")
    code = FRONT.format(careless=careless)
    top = str(Path(serving.__file__).parents[2])
    with subprocess.Popen([sys.executable, "-c", code, address], stdout=subprocess.PIPE, cwd=top) as server:
        assert server.stdout is not None
        server.stdout.readline()
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(20)
            link.connect(address)
            try:
                link.sendall(f'{{"key": "{key}"}}\n'.encode())
                said = link.recv(100)
            except ConnectionError:
                said = b""
        server.kill()
    return said


def test_who_has_the_key_is_greeted_and_who_guesses_is_not(tmp_path: Path) -> None:
    assert b"hello" in _answer(tmp_path, RIGHT)
    assert _answer(tmp_path, WRONG) == b""


def test_were_every_key_right_a_stranger_would_be_greeted(tmp_path: Path) -> None:
    assert b"hello" in _answer(tmp_path, WRONG, "desk.hmac.compare_digest = lambda *_: True")


def test_another_user_is_sent_away_even_with_the_key(tmp_path: Path) -> None:
    assert _answer(tmp_path, RIGHT, "desk.os.geteuid = lambda: -2") == b""
    careless = "desk.os.geteuid = lambda: -2; desk.is_same_user = lambda _: True"
    assert b"hello" in _answer(tmp_path, RIGHT, careless)


def test_a_folder_that_others_may_enter_is_no_place_for_a_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "run"
    place.mkdir(mode=0o755)
    monkeypatch.setenv("LLM_REVIEW_RUNTIME_DIR", str(place))
    with pytest.raises(ModelError, match="open to others"):
        serving.folder()
    place.chmod(0o700)
    assert serving.folder() == place


def test_were_the_mode_not_looked_at_it_would_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "run"
    place.mkdir(mode=0o755)
    monkeypatch.setenv("LLM_REVIEW_RUNTIME_DIR", str(place))
    real = Path.lstat

    def careless(path: Path) -> os.stat_result:
        found = real(path)
        return os.stat_result((found.st_mode & ~0o077, *found[1:]))

    monkeypatch.setattr(Path, "lstat", careless)
    assert serving.folder() == place


class _Evil:
    """Unpickling it makes a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.marker,)


def test_a_pickle_is_not_opened_whatever_its_name(target: Target, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    marker, model = tmp_path / "unpickled", tmp_path / "model.gguf"
    model.write_bytes(pickle.dumps(_Evil(marker)))
    pickle.loads(model.read_bytes())
    assert marker.exists(), "the attack does not work at all"
    marker.unlink()
    target.changed({"m.py": CLEAN}, {"m.py": FLAW})
    report = target.run("diff", "--no-tests", "--model", str(model), "--format", "json").report
    assert any("not a GGUF model file" in s["reason"] for s in report["skipped"])
    assert not marker.exists()
    assert not report["complete"]


def test_a_truncated_model_is_refused_before_it_is_loaded(target: Target, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    (tmp_path / "model.gguf").write_bytes(b"GGUF\x03\0\0\0" + b"\x01\0\0\0\0\0\0\0" * 2)
    target.changed({"m.py": CLEAN}, {"m.py": FLAW})
    report = target.run("diff", "--no-tests", "--model", str(tmp_path / "model.gguf"), "--format", "json").report
    assert any("truncated model file" in s["reason"] for s in report["skipped"])


def test_a_file_with_another_hash_is_not_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_REVIEW_MODELS", str(tmp_path))
    entry = next(e for e in CATALOG.values() if e.sha256)
    path = download.locate(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"GGUF poisoned")
    assert not download.is_present(entry)
    download._mark(path, entry.sha256)
    assert download.is_present(entry), "who writes the marker is believed: it is the user"
    time.sleep(0.01)
    path.write_bytes(b"GGUF poisoned again")
    assert not download.is_present(entry)
