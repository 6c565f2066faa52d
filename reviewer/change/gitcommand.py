"""One git process, hardened so that a repository under review decides nothing.

Git does not go through `reviewer.process`: it must still answer after an interrupt, while the report is written.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import GitError
from ..spawn import environment

CONFIG = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "core.safecrlf=false",
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "core.fsync=none",
    "core.looseCompression=0",
    "advice.addEmbeddedRepo=false",
)
ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # No transport at all: older versions of git do not know GIT_NO_LAZY_FETCH.
    "GIT_ALLOW_PROTOCOL": "none",
    # A blob's id must name its content, whatever refs/replace says: caches rely on it.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
    # Its words are read.
    "LANGUAGE": "C",
    "LC_ALL": "C",
}
MISSING = ("git is not installed", "install git 2.31 or later, and see that it is on the PATH")
ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a git process said: exit code, standard output, standard error."""

    code: int
    out: bytes
    err: str

    @property
    def lines(self) -> list[str]:
        """The output's lines, for commands that print ids and paths."""
        return os.fsdecode(self.out).removesuffix("\n").split("\n") if self.out else []

    @property
    def id(self) -> str:
        """The object id that a command printed. Raises GitError when it printed something else."""
        found = self.lines
        if len(found) != 1 or not ID.fullmatch(found[0]):
            raise not_understood("an object id")
        return found[0]


def not_understood(wanted: str) -> GitError:
    """The error for a git that ends well and does not say what git says."""
    return GitError(f"git did not print {wanted}", "is the git on the PATH really git? see: git version")


def version() -> str:
    """Git's version. Raises GitError when it is missing."""
    if shutil.which("git") is None:
        raise GitError(*MISSING)
    return execute(Path("/"), ("version",), {}).lines[0].removeprefix("git version ")


def _command(args: Iterable[str]) -> list[str]:
    return ["git", "--no-pager", *(word for setting in CONFIG for word in ("-c", setting)), *args]


def execute(cwd: Path, args: tuple[str, ...], env: Mapping[str, str], stdin: bytes | None = None) -> Answer:
    """Run it to its end; `env` comes on top of its own."""
    env = environment(ENVIRONMENT | dict(env))
    done = subprocess.run(_command(args), cwd=cwd, env=env, input=stdin or b"", capture_output=True, check=False)
    return Answer(done.returncode, done.stdout, done.stderr.decode("utf-8", "surrogateescape"))


def begin(cwd: Path, args: Iterable[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start one that the caller ends; `env` as for `execute`."""
    # In a session of its own: a Ctrl-C at the terminal must not end it, the report is still to be written.
    return subprocess.Popen(
        _command(args),
        cwd=cwd,
        env=environment(ENVIRONMENT | dict(env)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def last_line(text: str) -> str:
    """What git said last: mostly why it failed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it did not say why"
