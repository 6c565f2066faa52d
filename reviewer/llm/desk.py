"""The server's front: who may come in, in which order requests are answered, and when nobody is left to wait for."""

from __future__ import annotations

import contextlib
import hmac
import itertools
import json
import os
import queue
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..foreign import from_json

PATIENCE = 5
TICK = 0.5
KEY_LIMIT = 4096


@dataclass(order=True)
class Job:
    """One request. Those in the background come after all others; among equals the first comes first."""

    background: bool
    turn: int
    number: int = field(compare=False)
    chat: bool = field(compare=False)
    body: dict[str, Any] = field(compare=False)
    fixed: list[dict[str, str]] = field(compare=False)
    guest: Guest = field(compare=False)


class Desk:
    """The requests of all connections in one queue; ends the process when it is of no use any more."""

    def __init__(self, settings: dict[str, Any]) -> None:
        """Of the settings "key", "identity", "idle" (seconds) and "memory" (bytes, 0: any) are read here."""
        self.settings = settings
        self.busy_seconds = 0.0
        self._jobs: queue.PriorityQueue[Job] = queue.PriorityQueue()
        self._turns = itertools.count()
        self._lock = threading.Lock()
        self._guests: set[Guest] = set()
        self._listener: socket.socket | None = None
        self._started = self._quiet_since = time.monotonic()
        self._current: Job | None = None
        self._gives_way = self._retired = self._loaded = False
        self._answered = 0
        self._failure = ""

    def listen(self, listener: socket.socket) -> None:
        """Let the user's reviews in, from now on."""
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def welcome(self, connection: socket.socket) -> None:
        """Serve a connection; a listener's guests must be the same user and know the key."""
        # A guest that does not read must not hold up the others.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PATIENCE, 0))
        guest = Guest(self, connection)
        with self._lock:
            self._guests.add(guest)
        guest.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if is_same_user(connection):
                self.welcome(connection)
            else:
                connection.close()

    def ready(self) -> None:
        """The model is loaded; from now on the memory is watched."""
        self._loaded = True
        threading.Thread(target=self._watch, daemon=True).start()

    def add(self, guest: Guest, message: dict[str, Any]) -> None:
        """Queue a request. One in the background that is being answered gives way to one that somebody waits for."""
        if self._failure:
            guest.say(self._failure)
            return
        background = bool(message.get("background"))
        chat, body, fixed = message["chat"], message["body"], message.get("fixed", [])
        job = Job(background, next(self._turns), message["id"], chat, body, fixed, guest)
        current = self._current
        self._gives_way = self._gives_way or bool(current and current.background and not background)
        self._jobs.put(job)

    def take(self) -> Job:
        """The next request; waits for it, and ends the process when none will come."""
        self._current = None
        self._check_memory()
        while True:
            with contextlib.suppress(queue.Empty):
                self._current = self._jobs.get(timeout=TICK)
                self._gives_way = False
                return self._current
            self._check_use()

    def is_over(self, job: Job) -> bool:
        """Whether nobody wants the answer, or wants it now."""
        return self._gives_way or not job.guest.wants(job)

    def finish(self, job: Job) -> None:
        """It was answered, or was broken off: one that gave way will be answered anew."""
        self._quiet_since = time.monotonic()
        if self._gives_way and job.guest.wants(job):
            job.guest.say(json.dumps({"id": job.number, "again": True}))
            self._jobs.put(job)
            return
        self._answered += 1
        job.guest.say(json.dumps({"id": job.number, "done": True}))

    def leave(self, guest: Guest) -> None:
        """A connection has ended. A server of one review ends with it."""
        with self._lock:
            self._guests.discard(guest)
        self._quiet_since = time.monotonic()
        if self._listener is None or (self._retired and not self._guests):
            self.end()

    def fail(self, reason: str) -> None:
        """Tell all who ask why nothing will be answered, and end when they have heard it."""
        self._failure = json.dumps({"failed": reason})
        for guest in tuple(self._guests):
            guest.say(self._failure)
        end = time.monotonic() + PATIENCE
        while self._guests and time.monotonic() < end:
            time.sleep(TICK / 10)
        self.end()

    def stop(self, when: str, guest: Guest) -> None:
        """End "now", or "when idle": let nobody in any more, and end when the others have gone."""
        if when == "now":
            self.end()
        if self._listener is not None:
            self._unlink()
            self._listener.close()
        self._retired = True
        guest.close()

    def status(self) -> dict[str, Any]:
        """What a person wants to know of it."""
        now = time.monotonic()
        return {
            "pid": os.getpid(),
            "name": self.settings.get("name", ""),
            "path": self.settings["path"],
            "loaded": self._loaded,
            "seconds": round(now - self._started, 1),
            "idle": self.settings.get("idle", 0.0),
            "reviews": len(self._guests) - 1,
            "answered": self._answered,
            "waiting": self._jobs.qsize() + (self._current is not None),
            "memory": memory(),
        }

    def end(self) -> None:
        """At once: the engine may be computing, and would not notice."""
        self._unlink()
        os._exit(0)

    def _unlink(self) -> None:
        if self._listener is not None:
            with contextlib.suppress(OSError, ValueError, TypeError):
                Path(self._listener.getsockname()).unlink()

    def _check_memory(self) -> None:
        if self._answered and self._is_too_big():
            self.end()

    def _is_too_big(self) -> bool:
        limit = self.settings.get("memory", 0)
        return bool(limit) and memory() > limit

    def _watch(self) -> None:
        """End in the middle of an answer that makes it hold too much: nothing but the end of the process frees it."""
        while not (self._current and self._is_too_big()):
            time.sleep(TICK)
        held, limit = memory() >> 20, self.settings["memory"] >> 20
        self.fail(f"it held {held} MB of memory, and may hold {limit} (serve_memory)")

    def _check_use(self) -> None:
        idle = time.monotonic() - self._quiet_since
        if self._listener is not None and not self._guests and idle > self.settings.get("idle", 0.0):
            self.end()


class Guest(threading.Thread):
    """One connection: reads what comes, and says what is to be said."""

    def __init__(self, desk: Desk, connection: socket.socket) -> None:
        """Serve it once started."""
        super().__init__(daemon=True)
        self._desk, self._connection = desk, connection
        self._lock = threading.Lock()
        self._cancelled: set[int] = set()
        self._gone = False

    def run(self) -> None:
        """Read until the other end is closed, or until something else than it should comes."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError), self._connection.makefile("rb") as lines:
            key = from_json(lines.readline(KEY_LIMIT)).get("key", "")
            if hmac.compare_digest(str(key).encode(), self._desk.settings["key"].encode()):
                self.say(json.dumps({"hello": {"identity": self._desk.settings["identity"], "pid": os.getpid()}}))
                for line in lines:
                    self._take(from_json(line))
        self.close()
        self._desk.leave(self)

    def _take(self, message: dict[str, Any]) -> None:
        if "cancel" in message:
            self._cancelled.add(message["cancel"])
        elif "status" in message:
            self.say(json.dumps({"status": self._desk.status()}))
        elif "stop" in message:
            self._desk.stop(message["stop"], self)
        else:
            self._desk.add(self, message)

    def wants(self, job: Job) -> bool:
        """Whether the answer to its request is still wanted."""
        return not self._gone and job.number not in self._cancelled

    def say(self, line: str) -> None:
        """Send one line; a guest that is gone, or does not read, hears nothing more."""
        with self._lock:
            try:
                self._connection.sendall(line.encode() + b"\n")
            except OSError:
                self.close()

    def close(self) -> None:
        """Hang up; the thread ends with that."""
        self._gone = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)


def is_same_user(connection: socket.socket) -> bool:
    """Whether the other end runs as this user, where the system can tell; a key is asked for in any case."""
    if connection.family != getattr(socket, "AF_UNIX", None) or not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return bool(struct.unpack("3i", credentials)[1] == os.geteuid())


def memory() -> int:
    """Bytes of memory that this process holds; its greatest amount so far where the system tells no more."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        import resource  # noqa: PLC0415 - not on every platform

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
