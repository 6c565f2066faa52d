"""The server that reviews share, with a stand-in for the engine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from reviewer import interrupt
from reviewer.cli import main
from reviewer.errors import ModelError
from reviewer.llm import serving
from reviewer.llm.base import Request
from reviewer.llm.llamacpp import Keep, LlamaCpp
from reviewer.llm.serving import Connection, doors


@pytest.fixture
def doorway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the doors, with a short path; whoever is behind one is ended after the test."""
    place = Path(tempfile.mkdtemp(prefix="doors-"))
    place.chmod(0o700)
    monkeypatch.setenv("LLM_REVIEW_RUNTIME_DIR", str(place))
    yield place
    main(["stop"])
    shutil.rmtree(place)


@pytest.fixture
def review(model: Path, doorway: Path) -> Iterator[Callable[..., LlamaCpp]]:
    """Makes providers as reviews have them."""
    made: list[LlamaCpp] = []

    def make(idle: float = 60, path: Path = model, memory: int = 0) -> LlamaCpp:
        made.append(LlamaCpp(path, "tiny", context=2000, keep=Keep(idle, memory)))
        return made[-1]

    yield make
    for provider in made:
        provider.close()


def _ask(prompt: str, **fields: Any) -> Request:
    return Request(**{"system": "be", "shared": "same ", "prompt": prompt, **fields})


def _status() -> list[dict[str, Any]]:
    from reviewer.commands.serve import statuses

    return statuses()


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_the_model_stays_for_the_next_review(review: Callable[..., LlamaCpp]) -> None:
    first, second = review(), review()
    assert first.complete(_ask("go")).samples[0].text == "an answer 0"
    first.close()
    (one,) = _status()
    assert second.complete(_ask("go")).samples[0].text == "an answer 0"
    (two,) = _status()
    assert (one["pid"], one["answered"], two["pid"], two["answered"]) == (two["pid"], 1, one["pid"], 2)


def test_nothing_of_the_review_is_inherited(review: Callable[..., LlamaCpp], tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as stream:
        os.set_inheritable(stream.fileno(), True)
        review().complete(_ask("go"))
    (server,) = _status()
    place = Path(f"/proc/{server['pid']}")
    held = list(_targets(place / "fd"))
    assert not any(str(tmp_path / "open") in name or "/dev/pts" in name for name in held)
    assert (place / "cwd").readlink() == Path("/")
    parent, _, session = (place / "stat").read_text().rsplit(")", 1)[1].split()[1:4]
    assert int(parent) != os.getpid()
    assert int(session) != os.getsid(0)


def _targets(folder: Path) -> Iterator[str]:
    """Where the links of a folder lead; one that is gone by then is a descriptor that was closed meanwhile."""
    for link in folder.iterdir():
        with suppress(FileNotFoundError):
            yield str(link.readlink())


def test_two_reviews_at_once_start_one_server_and_are_both_answered(review: Callable[..., LlamaCpp]) -> None:
    providers = [review() for _ in range(4)]
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda p=p: answers.append(p.complete(_ask("go")).samples[0].text)) for p in providers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == ["an answer 0"] * 4
    assert len(_status()) == 1


def test_it_ends_after_an_idle_time(review: Callable[..., LlamaCpp]) -> None:
    provider = review(idle=0.1)
    provider.complete(_ask("go"))
    (server,) = _status()
    time.sleep(1.2)
    assert not _is_gone(server["pid"]), "a review is connected"
    provider.close()
    _until(lambda: _is_gone(server["pid"]))
    assert _status() == []


def test_a_crash_is_noticed_and_the_review_goes_on_by_itself(review: Callable[..., LlamaCpp]) -> None:
    provider = review()
    provider.complete(_ask("go"))
    (server,) = _status()
    os.kill(server["pid"], signal.SIGKILL)
    reply = provider.complete(_ask("go"))
    assert reply.samples[0].text == "an answer 0"
    assert "the engine failed" in reply.notes[0].reason
    assert reply.notes[0].harmless
    assert _status() == []


def test_what_crashes_the_engine_twice_is_an_error(review: Callable[..., LlamaCpp]) -> None:
    with pytest.raises(ModelError, match=r"code 9\. GGML_ASSERT failed"):
        review().complete(_ask("crash"))


def test_after_a_crash_the_next_review_starts_a_new_server(review: Callable[..., LlamaCpp]) -> None:
    review().complete(_ask("go"))
    (old,) = _status()
    os.kill(old["pid"], signal.SIGKILL)
    assert review().complete(_ask("go")).notes == ()
    (new,) = _status()
    assert new["pid"] != old["pid"]


def test_a_server_of_another_model_file_is_replaced(review: Callable[..., LlamaCpp], model: Path) -> None:
    user = review()
    user.complete(_ask("go"))
    (old,) = _status()
    model.write_bytes(model.read_bytes() + b"\0" * 64)
    review().complete(_ask("go"))
    (new,) = _status()
    assert new["pid"] != old["pid"]
    assert user.complete(_ask("go")).notes == (), "a review that uses the old one may finish with it"
    user.close()
    _until(lambda: _is_gone(old["pid"]))


def test_a_server_over_its_memory_is_ended(review: Callable[..., LlamaCpp]) -> None:
    provider = review(memory=1 << 20)
    provider.complete(_ask("go"))
    _until(lambda: _status() == [])
    assert review(memory=1 << 20).complete(_ask("go")).samples[0].text == "an answer 0"


def test_a_server_over_its_memory_is_ended_in_the_middle_of_an_answer(review: Callable[..., LlamaCpp]) -> None:
    with pytest.raises(ModelError, match=r"held \d+ MB of memory, and may hold 1 \(serve_memory\)"):
        review(memory=1 << 20).complete(_ask("slow"))
    _until(lambda: _status() == [])


def test_a_killed_review_leaves_the_server_to_the_others(review: Callable[..., LlamaCpp], model: Path) -> None:
    code = (
        "from pathlib import Path\nfrom reviewer.llm.llamacpp import Keep, LlamaCpp\n"
        "from reviewer.llm.base import Request\n"
        f"p = LlamaCpp(Path({str(model)!r}), 'tiny', context=2000, keep=Keep(60))\n"
        "p.complete(Request('', '', 'hang'), lambda text: print('started', flush=True))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"started\n"
        killed.kill()
        killed.communicate()
    assert review().complete(_ask("go")).samples[0].text == "an answer 0"
    assert Path(f"{model}.stopped").exists()
    assert len(_status()) == 1


def test_an_interrupt_cancels_the_request_and_nothing_else(review: Callable[..., LlamaCpp], model: Path) -> None:
    provider, other = review(), review()
    provider.complete(_ask("go"))
    started = threading.Event()

    def interrupt() -> None:
        started.wait(20)
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        provider.complete(_ask("hang"), lambda _: started.set())
    provider.close()
    assert other.complete(_ask("go")).samples[0].text == "an answer 0"
    assert Path(f"{model}.stopped").exists()
    assert len(_status()) == 1


def test_a_request_in_the_background_gives_way_and_is_answered_after(review: Callable[..., LlamaCpp]) -> None:
    patient, urgent = review(), review()
    patient.give_way()
    started = threading.Event()
    answers: list[str] = []

    def wait() -> None:
        reply = patient.complete(_ask("slow"), lambda _: started.set())
        answers.append(f"background: {reply.samples[0].text}")

    thread = threading.Thread(target=wait)
    thread.start()
    assert started.wait(30)
    answers.append(urgent.complete(_ask("go")).samples[0].text)
    thread.join(60)
    assert answers == ["an answer 0", f"background: {'.' * 200}slowly"]


def test_a_stranger_without_the_key_is_not_served(review: Callable[..., LlamaCpp]) -> None:
    review().complete(_ask("go"))
    (door,) = doors()
    assert isinstance(door.address, str)
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(door.address)
        link.sendall(b'{"key": "wrong"}\n{"status": true}\n')
        link.settimeout(20)
        assert link.recv(100) == b""
    assert len(_status()) == 1


def test_another_user_is_not_served(review: Callable[..., LlamaCpp], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "is_same_user", lambda _: False)
    reply = review().complete(_ask("go"))
    assert (reply.samples[0].text, reply.notes[0].what) == ("an answer 0", "the model server")


def test_a_folder_that_is_open_to_others_is_not_used(review: Callable[..., LlamaCpp], doorway: Path) -> None:
    doorway.chmod(0o755)
    reply = review().complete(_ask("go"))
    assert reply.samples[0].text == "an answer 0"
    assert "open to others" in reply.notes[0].reason
    assert list(doorway.iterdir()) == []
    doorway.chmod(0o700)


def test_what_lies_in_the_folder_is_the_users_alone(review: Callable[..., LlamaCpp], doorway: Path) -> None:
    review().complete(_ask("go"))
    (door,) = doorway.glob("*.json")
    assert door.stat().st_mode & 0o077 == 0


def test_where_there_can_be_no_socket_it_listens_on_loopback(
    review: Callable[..., LlamaCpp], doorway: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = doorway / ("x" * 120)
    monkeypatch.setenv("LLM_REVIEW_RUNTIME_DIR", str(long))
    first, second = review(), review()
    assert first.complete(_ask("go")).notes == second.complete(_ask("go")).notes == ()
    (door,) = doors()
    assert isinstance(door.address, int)
    assert len(door.key) == 64
    assert _status()[0]["answered"] == 2
    main(["stop"])


def test_a_model_that_cannot_be_loaded_is_an_error(review: Callable[..., LlamaCpp], model: Path) -> None:
    bad = model.with_name("unloadable.gguf")
    bad.write_bytes(model.read_bytes())
    with pytest.raises(ModelError, match="no such architecture"):
        review(path=bad).complete(_ask("go"))


def test_the_command_starts_shows_and_stops(
    model: Path, doorway: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLM_REVIEW_MODEL", str(model))
    monkeypatch.setenv("LLM_REVIEW_SERVE_IDLE", "60")
    assert main(["serve", "--status"]) == 1
    assert capsys.readouterr().out == "no model server runs\n"
    assert main(["serve"]) == 0
    assert capsys.readouterr().out.startswith("tiny  ")
    assert main(["serve", "--status"]) == 0
    assert "ends after 60 s without a review" in capsys.readouterr().out
    (server,) = _status()
    assert main(["stop"]) == 0
    assert capsys.readouterr().out == "1 model server stopped\n"
    _until(lambda: _is_gone(server["pid"]))  # its end of the line is closed a moment before it is gone
    assert [path.suffix for path in doorway.iterdir() if path.suffix in {".json", ".sock"}] == []


def test_no_server_where_none_is_kept(model: Path, doorway: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--model", str(model)]) == 2
    assert "serve_idle" in capsys.readouterr().err


def test_garbage_behind_the_door_is_replaced(review: Callable[..., LlamaCpp], doorway: Path) -> None:
    review().complete(_ask("go"))
    (door,) = doors()
    main(["stop"])
    door.file.write_text(json.dumps({"address": str(doorway / "nobody.sock"), "key": "k"}))
    assert review().complete(_ask("go")).notes == ()
    assert len(_status()) == 1


def test_a_connection_says_what_it_is(review: Callable[..., LlamaCpp]) -> None:
    provider = review()
    provider.complete(_ask("go"))
    (door,) = doors()
    connection = door.enter()
    assert isinstance(connection, Connection)
    assert len(connection.identity) == 64
    connection.close()


def test_at_a_time_limit_the_request_is_cancelled_and_the_server_stays(
    review: Callable[..., LlamaCpp], model: Path
) -> None:
    provider = review()
    provider.complete(_ask("go"))

    def late() -> None:
        with interrupt.time_limit(0.5):
            provider.complete(_ask("hang"))

    with pytest.raises(interrupt.TimeUpError):
        late()
    provider.close()
    assert review().complete(_ask("go")).samples[0].text == "an answer 0"
    assert Path(f"{model}.stopped").exists()
