"""Where the user is, and which repository is meant: git's word, and what it told a hook."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import GitError, UsageError
from .gitcommand import Answer, execute, last_line, not_understood

_LAYOUT = ("--show-toplevel", "--absolute-git-dir", "--git-path", "objects", "--git-path", "index")
_ANSWERS = ("top", "folder", "objects", "index")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a repository's parts are. `pinned` is the environment that git needs to find it again."""

    root: Path
    folder: Path
    objects: Path
    index: Path
    pinned: Mapping[str, str]


def locate(start: Path) -> Layout:
    """The repository that git finds from `start`, or the one that git told this process (a hook) about."""
    found = _layout(start, {})
    told = {name: os.environ[name] for name in ("GIT_DIR", "GIT_WORK_TREE") if os.environ.get(name)}
    if "GIT_DIR" not in told:
        return _or_raise(found, start)
    given = _layout(start, told)
    if given.code != 0 or (found.code == 0 and found.lines[1] == given.lines[1]):
        return _or_raise(found, start)
    root, folder = given.lines[:2]
    return _or_raise(given, start, {"GIT_DIR": folder, "GIT_WORK_TREE": root})


def _layout(start: Path, env: Mapping[str, str]) -> Answer:
    return execute(start, ("rev-parse", "--path-format=absolute", *_LAYOUT), env)


def _or_raise(answer: Answer, start: Path, pinned: Mapping[str, str] | None = None) -> Layout:
    if answer.code != 0:
        raise _refusal(answer.err, start)
    if len(answer.lines) != len(_ANSWERS):
        raise not_understood("where the repository is")
    root, folder, objects, index = map(Path, answer.lines)
    # During `git commit -a` the index that will be committed is a lock file, and only this variable names it.
    index = root / os.environ.get("GIT_INDEX_FILE", index)
    return Layout(root, folder, objects, index, pinned or {})


def _refusal(message: str, start: Path) -> GitError:
    if "dubious ownership" in message:
        hint = f"if you trust it: git config --global --add safe.directory {start}"
        return GitError(f"git does not trust the owner of {start}", hint)
    if "must be run in a work tree" in message:
        return GitError(
            f"{start} has no work tree (a bare repository, or the inside of .git)", "go to a checkout of it"
        )
    if "not a git repository" in message:
        return GitError(f"{start} is not in a git repository", "go to your project, or run git init")
    return GitError(f"git cannot open {start}: {last_line(message)}")


def object_folder(objects: Path, scratch: Path) -> Path:
    """A folder for new objects, through which all that the repository can read is read."""
    folder = scratch / "objects"
    (folder / "info").mkdir(parents=True, exist_ok=True)
    (folder / "pack").mkdir(exist_ok=True)
    told = [os.environ.get("GIT_OBJECT_DIRECTORY", "")]
    told += os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", "").split(os.pathsep)
    lines = [str(objects), *(str(Path(name).absolute()) for name in told if name)]
    (folder / "info" / "alternates").write_bytes(b"".join(os.fsencode(line) + b"\n" for line in lines))
    return folder


def current_folder() -> Path:
    """Where the user is. Raises UsageError when that folder was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise UsageError("the current folder does not exist any more", "go to a folder that does") from error
