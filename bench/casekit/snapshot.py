"""Git as the bench needs it: reading files of a commit from a mirror, and making the repository of a case."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reviewer.errors import GitError
from reviewer.process import Done, run
from reviewer.spawn import environment

_PERSON = {"NAME": "dev", "EMAIL": "dev@example.org", "DATE": "2024-01-01T00:00:00Z"}
_SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _PERSON.items()},
}


def try_git(
    *args: str, cwd: Path | None = None, env: Mapping[str, str] | None = None, stdin: bytes | None = None
) -> Done:
    """Run git without the user's settings, as a fixed author at a fixed date, whatever its exit code."""
    argv = ("git", "-c", "safe.directory=*", *args)
    return run(argv, cwd=cwd, env=environment({**_SETTINGS, **(env or {})}), stdin=stdin, timeout=3600)


def git(*args: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> bytes:
    """Standard output of git. Raises GitError when it fails."""
    done = try_git(*args, cwd=cwd, env=env)
    if done.exit_code != 0:
        raise GitError(f"git {' '.join(args[:4])}: {done.stderr.decode(errors='replace').strip()[-400:]}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One commit of a git directory, read without a work tree."""

    git_dir: Path
    commit: str

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, or None where the commit has no such file. Raises GitError without the commit."""
        return _blob(self, path)

    def text(self, path: str) -> str:
        """A file that must be there. Raises GitError when it is not."""
        data = self.read(path)
        if data is None:
            raise GitError(f"{self.git_dir} has no {path} at {self.commit}")
        return data.decode()

    def check_out(self, folder: Path) -> None:
        """Write every file of the commit into an existing folder."""
        with tempfile.TemporaryDirectory() as scratch:
            own = {"GIT_DIR": str(self.git_dir), "GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": f"{scratch}/index"}
            git("read-tree", self.commit, cwd=folder, env=own)
            git("checkout-index", "--all", "--quiet", cwd=folder, env=own)


@lru_cache(maxsize=256)
def _blob(snapshot: Snapshot, path: str) -> bytes | None:
    where = f"--git-dir={snapshot.git_dir}"
    done = try_git(where, "cat-file", "blob", f"{snapshot.commit}:{path}")
    if done.exit_code == 0:
        return done.stdout
    git(where, "cat-file", "-e", f"{snapshot.commit}^{{commit}}")
    return None
