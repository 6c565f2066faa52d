"""macOS: a profile for `sandbox-exec`, which denies the network, and all files but the system's and the snapshot.

There are no mounts, so the snapshot is seen at its own path, and other processes can be seen though not signalled.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .. import process
from ..errors import ToolError
from .limits import Limits, allowed_environment

PROGRAM = Path("/usr/bin/sandbox-exec")
# Where the system's, Homebrew's and Apple's developer tools lie; /private/etc without what only root may read anyway.
SYSTEM = ("/System", "/usr", "/bin", "/sbin", "/Library", "/opt", "/private/etc", "/private/var/db", "/Applications")
SECRET = ("/Library/Keychains", "/private/var/db/dslocal", "/private/etc/master.passwd", "/private/etc/sudoers")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/dtracehelper", "/dev/tty", "/dev/fd")
# Without these no program starts, or Python's own modules (multiprocessing, time zones) fail.
BASIS = (
    "(version 1)",
    "(deny default)",
    "(allow process-exec process-fork)",
    "(allow signal (target same-sandbox))",
    "(allow sysctl-read)",
    "(allow ipc-posix-sem)",
    "(allow ipc-posix-shm)",
    "(allow file-read-metadata)",
    '(allow file-read-data (literal "/"))',
    '(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))',
    '(allow mach-lookup (global-name "com.apple.system.notification_center"))',
)


@dataclass(frozen=True, slots=True)
class Seatbelt:
    """Runs programs under a profile. `prefixes` are the folders that the project's interpreter needs."""

    prefixes: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)
    layered: bool = False

    @property
    def isolation(self) -> Mapping[str, str]:
        """What is walled off, and what is not."""
        return {
            "name": "sandbox-exec",
            "network": "none",
            "files": "read-only system, no home (names and sizes of files can be seen); "
            "only the snapshot and a scratch folder are writable",
            "processes": "not isolated, but others cannot be signalled; ended with the run unless they left the group",
            "environment": "allow list",
            "limits": str(self.limits),
        }

    def place(self, snapshot: Path) -> Path:
        """The snapshot's own path."""
        return snapshot

    def run(
        self,
        argv: Sequence[str],
        *,
        snapshot: Path,
        scratch: Path,
        timeout: float,
        env: Mapping[str, str] | None = None,
    ) -> process.Done:
        """Run a program in the snapshot; see `Sandbox.run`."""
        text = profile(self.prefixes, (snapshot, scratch))
        done = process.run(
            (*self.limits.launcher(timeout, "supervise"), str(PROGRAM), "-p", text, *argv),
            cwd=snapshot,
            env=allowed_environment(scratch, env),
            timeout=timeout,
        )
        return replace(done, argv=tuple(argv))


def profile(prefixes: Iterable[Path], writable: Iterable[Path]) -> str:
    """The profile: the last rule that fits decides, so that what is secret comes after what is read."""
    return "\n".join((*BASIS, *_rules(tuple(prefixes), tuple(writable))))


def _rules(prefixes: tuple[Path, ...], writable: tuple[Path, ...]) -> Iterator[str]:
    home = Path.home().resolve()
    needed = [p for p in _real(prefixes) if not home.is_relative_to(p)]
    yield f"(allow file-read* {_below(SYSTEM)})"
    yield f"(deny file-read-data {_below(SECRET)})"
    yield f"(deny file-read-data {_below([home])})"
    if needed:
        yield f"(allow file-read* {_below(needed)})"
    if writable:
        yield f"(allow file-read* file-write* {_below(_real(writable))})"
    yield f"(allow file-read* file-write-data file-ioctl {' '.join(f'(literal {quoted(d)})' for d in DEVICES)})"
    yield "(deny network*)"


def _real(paths: Iterable[Path]) -> list[Path]:
    """Each path and what it leads to, once: the kernel compares real paths (/tmp is a link there)."""
    return list(dict.fromkeys(p for path in paths for p in (path.absolute(), path.resolve())))


def _below(folders: Iterable[str | Path]) -> str:
    return " ".join(f"(subpath {quoted(str(folder))})" for folder in folders)


def quoted(text: str) -> str:
    """A string of the profile's language. No path can end it, whatever its name."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@functools.cache
def why_not() -> str:
    """Why no profile can be had, or "" when a Python starts under one. Tried once."""
    own = (Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent)
    try:
        done = process.run((str(PROGRAM), "-p", profile(own, ()), sys.executable, "-I", "-c", "pass"), timeout=10)
    except ToolError as error:
        return error.message
    return "" if done.exit_code == 0 else f"sandbox-exec ended with {done.exit_code}"
