"""One line per run: what is kept of a case that a tool reviewed, and the file that runs are appended to."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Fix:
    """A suggested fix that was graded: the verdict the tool gave it, whether it applied, what the tests say."""

    verdict: str
    applied: bool
    right: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One run. `error` says why there is no valid report; then the judged fields keep their defaults."""

    label: str
    id: str
    suite: str
    tier: str
    mode: str
    clean: bool
    command: tuple[str, ...]
    machine: str
    gradable: bool = False
    seconds: float = 0.0
    exit_code: int | None = None
    error: str = ""
    complete: bool = False
    hit: bool = False
    strict: bool = False
    counted: int = 0
    hits: int = 0
    shown: int = 0
    cwe: bool = False
    group: bool = False
    blocked: bool = False
    reproduced: bool = False
    verified: bool = False
    fixes: tuple[Fix, ...] = ()
    tool: str = ""
    model: str = ""
    model_hash: str = ""
    tokens: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Case and mode."""
        return self.id, self.mode

    @property
    def ran(self) -> bool:
        """The tool was started; when not, the bench itself failed, and the run is worth another try."""
        return self.seconds > 0

    @property
    def fixed(self) -> bool:
        """A fix that the tool stood behind (`verified` or `passes`) is right."""
        return any(fix.right for fix in self.fixes)

    @property
    def wrong_fix(self) -> bool:
        """A fix that the tool called `verified` is not right."""
        return any(fix.verdict == "verified" and not fix.right for fix in self.fixes)


class Ledger:
    """A file of records, one JSON line each. A line that a crash cut short is as if it had not been written."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()

    def read(self) -> tuple[Record, ...]:
        """The records in the order of their first runs; of a case run again the later record."""
        if not self._path.is_file():
            return ()
        found: dict[tuple[str, str], Record] = {}
        for line in self._path.read_text("utf-8").splitlines():
            record = _parse(line)
            if record:
                found[record.key] = record
        return tuple(found.values())

    def append(self, record: Record) -> None:
        """Add one line with one write, and have it on the disk."""
        line = (json.dumps(dataclasses.asdict(record)) + "\n").encode()
        with self._lock, self._path.open("a+b", buffering=0) as file:
            if file.tell() and os.pread(file.fileno(), 1, file.tell() - 1) != b"\n":
                line = b"\n" + line
            file.write(line)
            os.fsync(file.fileno())


def _parse(line: str) -> Record | None:
    try:
        row: dict[str, Any] = json.loads(line)
        fixes = tuple(Fix(**fix) for fix in row.pop("fixes"))
        return Record(**{**row, "command": tuple(row["command"]), "fixes": fixes})
    except (ValueError, TypeError, LookupError):
        return None
