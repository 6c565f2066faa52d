"""Where model servers are found, started and spoken to: one for each of the user's models, kept between reviews.

Each has a *door*, a file in a folder of the user's own that says where it listens and which key it wants. The first
review that finds no server behind the door starts one: it makes the listening socket itself and hands it over, so that
nobody has to wait until there is something to connect to.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn, Self

from .. import process
from ..errors import ModelError, ReviewError
from ..foreign import from_json
from .desk import is_same_user

PROGRAM = (sys.executable, "-P", "-m", "reviewer.llm.server")
GREETING = 30.0
LOCK_LIMIT = 30.0
_POLL = 0.2
_BACKLOG = 16
_LOG_TAIL = 4096

Settings = Mapping[str, Any]


class LostError(ModelError):
    """The process with the model has ended, or cannot be reached."""


class Connection:
    """A conversation with a process that holds a model. `identity` is what that process was started as."""

    def __init__(self, link: socket.socket, key: str, log: IO[bytes], child: subprocess.Popen[bytes] | None) -> None:
        """Greet the other end; `child` is the process where it is ours alone. Raises LostError."""
        self._link, self._log, self._child = link, log, child
        self._buffer = b""
        self._number = 0
        try:
            self.send({"key": key})
            hello = self.receive(time.monotonic() + GREETING).get("hello", {})
        except BaseException:
            self.close()
            raise
        self.identity: str = hello.get("identity", "")

    def ask(self, question: Settings, deadline: float) -> Generator[dict[str, Any]]:
        """Send a request, as `reviewer.llm.server` wants it, and give the events of its answer as they come.

        They are {"chunk"}, or {"again"}: all anew. Raises ModelError at the deadline (a monotonic time), LostError when
        the process has ended. However this ends before the answer does (an interrupt too), the engine is told to stop;
        what it still says of that request is ignored later, by its number.
        """
        self._number = number = self._number + 1
        done = False
        self.send({"id": number, **question})
        try:
            while not done:
                event = self.receive(deadline)
                if "failed" in event:
                    raise ModelError(f"the engine failed: {event['failed']}", "try again, or try a smaller model")
                if event.get("id") == number and not (done := "done" in event):
                    yield event
        finally:
            if not done:
                with contextlib.suppress(LostError):
                    self.send({"cancel": number})

    def close(self) -> None:
        """Hang up; a process of our own ends with that. May be called twice."""
        self._link.close()
        self._log.close()
        if self._child is not None:
            with self._child:
                self._child.kill()

    def send(self, message: Settings) -> None:
        """Send one line. Raises LostError."""
        try:
            self._link.settimeout(GREETING)
            self._link.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._lose()

    def receive(self, deadline: float) -> dict[str, Any]:
        """The next line. Raises ModelError at the deadline, LostError when none will come."""
        while b"\n" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0:
                hint = "give it more time, a smaller change or a smaller model"
                raise ModelError("the model did not finish in time", hint)
            with contextlib.suppress(TimeoutError):
                # In short waits: a wait without end cannot be interrupted on every platform.
                self._link.settimeout(min(left, _POLL))
                self._buffer += self._received()
        line, _, self._buffer = self._buffer.partition(b"\n")
        try:
            event = from_json(line)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            raise LostError("the engine failed: it sent what is no message", "try again, or try a smaller model")
        return event

    def _received(self) -> bytes:
        try:
            data = self._link.recv(1 << 16)
        except ConnectionError:
            data = b""
        if not data:
            self._lose()
        return data

    def _lose(self) -> NoReturn:
        """Raise LostError with how it ended, and the last line of its log."""
        code = f" with code {self._child.wait()}" if self._child is not None else ""
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - _LOG_TAIL))
        lines = [line.strip() for line in self._log.read().decode("utf-8", "replace").split("\n")]
        words = next((line for line in reversed(lines) if line), "")
        raise LostError(f"the engine failed: it ended{code}. {words}".strip(), "try again, or try a smaller model")


def private(settings: Settings) -> Connection:
    """A process for this review alone. Raises LostError."""
    ours, theirs = socket.socketpair()
    log = tempfile.TemporaryFile()  # noqa: SIM115 - the connection closes it
    whole = {**settings, "connection": theirs.fileno(), "key": (key := secrets.token_hex(32))}
    with theirs:
        line = json.dumps(whole).encode() + b"\n"
        child = process.start(PROGRAM, stdin=line, stderr=log, pass_fds=(theirs.fileno(),))
    return Connection(ours, key, log, child)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server listens: a socket's path, or a port on loopback; `file` is what says so."""

    file: Path
    address: str | int
    key: str

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """The door that a file describes; None where there is none."""
        try:
            data = json.loads(file.read_text("utf-8"))
            return cls(file, data["address"], data["key"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self) -> None:
        """Put the file there, whole or not at all."""
        new = self.file.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            json.dump({"address": self.address, "key": self.key}, stream)
        new.replace(self.file)

    def enter(self) -> Connection | None:
        """A connection to the server; None when nobody answers there."""
        family = socket.AF_INET if isinstance(self.address, int) else socket.AF_UNIX
        link = socket.socket(family, socket.SOCK_STREAM)
        try:
            link.connect(("127.0.0.1", self.address) if isinstance(self.address, int) else self.address)
            if not is_same_user(link):
                raise ConnectionRefusedError
            return Connection(link, self.key, log_of(self.file), None)
        except (OSError, LostError):
            link.close()
            return None

    def remove(self) -> None:
        """Nobody is behind it any more."""
        self.file.unlink(missing_ok=True)
        if isinstance(self.address, str):
            Path(self.address).unlink(missing_ok=True)


def log_of(file: Path) -> IO[bytes]:
    """The log of the server behind a door's file, to be read."""
    log = file.with_suffix(".log")
    log.touch(0o600)
    return log.open("rb")


def folder() -> Path:
    """The folder of the doors: the user's own, and closed to everyone else. Raises ModelError when it is not."""
    import platformdirs  # noqa: PLC0415 - not needed for --help

    given, runtime = os.environ.get("LLM_REVIEW_RUNTIME_DIR"), os.environ.get("XDG_RUNTIME_DIR")
    place = Path(runtime) / "llm-review" if runtime else platformdirs.user_cache_path("llm-review", False) / "run"
    place = Path(given) if given else place
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = place.lstat()
    except OSError as error:
        raise ModelError(f"cannot make {place}: {error.strerror}") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise ModelError(f"{place} is open to others", f"chmod 700 {place}, or remove it")
    return place


def doors() -> Iterator[Door]:
    """Every door in the folder, whether or not somebody is behind it."""
    found = (Door.read(file) for file in sorted(folder().glob("*.json")))
    return (door for door in found if door is not None)


def shared(settings: Settings) -> Connection:
    """The server for a model file, started when it does not run, replaced when it is another than the settings ask for.

    Raises ReviewError when there can be none: then a private process will do.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - not needed for --help

    file = folder() / f"{hashlib.sha256(settings['path'].encode()).hexdigest()[:16]}.json"
    try:
        with FileLock(file.with_suffix(".lock"), timeout=LOCK_LIMIT):
            return _found(file, settings) or _started(file, settings)
    except (OSError, Timeout) as error:
        raise ModelError(f"no model server can be had: {error}") from error


def _found(file: Path, settings: Settings) -> Connection | None:
    door = Door.read(file)
    connection = door.enter() if door is not None else None
    if connection is not None and connection.identity == settings["identity"]:
        return connection
    if connection is not None:
        with contextlib.suppress(ReviewError):
            connection.send({"stop": "when idle"})
        connection.close()
    elif door is not None:
        door.remove()
    return None


def _started(file: Path, settings: Settings) -> Connection:
    with _listener(file) as listener:
        name = listener.getsockname()
        door = Door(file, name[1] if isinstance(name, tuple) else name, secrets.token_hex(32))
        whole = {**settings, "listener": listener.fileno(), "key": door.key}
        with file.with_suffix(".log").open("wb") as log:
            line = json.dumps(whole).encode() + b"\n"
            process.detach(PROGRAM, stdin=line, stderr=log, pass_fds=(listener.fileno(),))
        door.write()
    connection = door.enter()
    if connection is None:
        raise ModelError("the model server has ended at once", f"see {file.with_suffix('.log')}")
    return connection


def _listener(file: Path) -> socket.socket:
    """A Unix socket beside the door, or where there can be none (a long path, a file system without) a port."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(file.with_name(f"{file.stem}-{secrets.token_hex(4)}.sock")))
    except OSError:
        listener.close()
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
    listener.listen(_BACKLOG)
    return listener
