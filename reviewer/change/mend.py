"""Applying a fix to the user's own files: the only code that writes to a repository under review, and only when asked.

Git does the work, and everything is checked before anything is written. A file whose reviewed state is the staged one
is changed in the index and in the work tree; what else its work tree has is kept, or nothing is changed at all.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import GitError
from .git import Repository

APPLY = ("apply", "--whitespace=nowarn")
PATCH = ("diff-tree", "-r", "-p", "-U3", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv", "--full-index")
AS_IT_WAS = "nothing was changed"
_Step = tuple[tuple[str, ...], bytes]


@dataclass(frozen=True, slots=True)
class Mend:
    """Fixes for one head tree joined: `tree` is the head with them, `patch` what they change in `paths`.

    `taken` and `left` are the numbers of the patches that went in, and of those that do not fit beside them.
    """

    head: str
    tree: str
    patch: bytes
    paths: tuple[str, ...]
    taken: tuple[int, ...]
    left: tuple[int, ...]


def combine(repo: Repository, head: str, patches: Sequence[str]) -> Mend:
    """Put patches together, in order, in the scratch space; one that does not fit any more is left.

    Raises GitError for one that does more than change lines: makes or removes a file, or changes what it is.
    """
    index = repo.temporary_index()
    repo.run("read-tree", head, index=index)
    taken = []
    for number, patch in enumerate(patches):
        text = patch.encode("utf-8", "surrogateescape")
        if text and repo.run(*APPLY, "--cached", "-", index=index, stdin=text, accept=None).code == 0:
            taken.append(number)
    tree = repo.run("write-tree", "--missing-ok", index=index).id
    paths = _edited(repo, head, tree)
    left = tuple(n for n in range(len(patches)) if n not in taken)
    return Mend(head, tree, _between(repo, head, tree, paths), paths, tuple(taken), left)


def _edited(repo: Repository, head: str, tree: str) -> tuple[str, ...]:
    """The paths that differ, each a file with the same mode on both sides."""
    words = repo.run("diff-tree", "-r", "-z", "--raw", "--no-renames", head, tree).out.split(b"\0")[:-1]
    paths = tuple(name.decode("utf-8", "surrogateescape") for name in words[1::2])
    for record, path in zip(words[::2], paths, strict=True):
        old, new, *_ = record.removeprefix(b":").split(b" ")
        if old != new:
            raise GitError(f"a fix may only change lines, not what {path} is: {AS_IT_WAS}", "apply it by hand")
    return paths


def _between(repo: Repository, head: str, tree: str, paths: Sequence[str]) -> bytes:
    if not paths:
        return b""
    prefixes = ("--src-prefix=a/", "--dst-prefix=b/")
    return repo.run("--literal-pathspecs", *PATCH, *prefixes, head, tree, "--", *paths).out


def apply(repo: Repository, mend: Mend) -> tuple[str, ...]:
    """Apply it to the work tree, and to the index where the reviewed state of a file is the staged one.

    Gives the commands that undo it. Raises GitError, with nothing changed, when a file is not as it was reviewed and
    the fix does not fit, or git cannot write.
    """
    staged = _staged(repo, mend)
    _refuse_what_changed(repo, mend, staged)
    index = _between(repo, mend.head, mend.tree, staged)
    steps: list[_Step] = [(("--cached",), index)] if index else []
    steps.append(((), mend.patch))
    for words, patch in steps:
        _run(repo, words, patch, "--check")
    done: list[_Step] = []
    try:
        for words, patch in steps:
            _run(repo, words, patch)
            done.append((words, patch))
    except BaseException:
        for words, patch in reversed(done):
            _run(repo, words, patch, "-R")
        raise
    # The index remembers the times of files: without this git would read them again for every status.
    repo.run("update-index", "-q", "--refresh", env=_writing(repo), accept=None)
    return _undo(repo, mend, steps)


def _staged(repo: Repository, mend: Mend) -> tuple[str, ...]:
    """The paths of which the index holds what was reviewed, and HEAD does not."""
    reviewed, committed = repo.blobs(mend.head, mend.paths), repo.blobs(repo.head_tree(), mend.paths)
    listed = repo.run("--literal-pathspecs", "ls-files", "--stage", "-z", "--", *mend.paths).out
    index: dict[str, str] = {}
    for entry in filter(None, listed.split(b"\0")):
        words, _, name = entry.partition(b"\t")
        index[name.decode("utf-8", "surrogateescape")] = words.split()[1].decode()
    return tuple(p for p in mend.paths if index.get(p) == reviewed.get(p) and index.get(p) != committed.get(p))


def _refuse_what_changed(repo: Repository, mend: Mend, staged: Sequence[str]) -> None:
    reviewed = repo.blobs(mend.head, mend.paths)
    for path in mend.paths:
        file = repo.root / path
        if any(place.is_symlink() for place in (file, *file.parents) if place.is_relative_to(repo.root)):
            raise GitError(f"{path} is, or lies behind, a symbolic link: {AS_IT_WAS}", "apply the fix by hand")
        if path not in staged and _blob_of(repo, file) != reviewed.get(path):
            raise GitError(f"{path} is not as it was reviewed: {AS_IT_WAS}", "review it again: llm-review diff")


def _blob_of(repo: Repository, file: Path) -> str:
    """The blob id that git would give a file of the work tree, or ""."""
    if not file.is_file():
        return ""
    answer = repo.run("hash-object", "--", str(file), accept=None)
    return answer.lines[0] if answer.code == 0 and answer.lines else ""


def _writing(repo: Repository) -> Mapping[str, str]:
    """New objects belong to the repository here, not to the scratch space."""
    return {"GIT_OBJECT_DIRECTORY": str(repo.own_objects)}


def _run(repo: Repository, words: Sequence[str], patch: bytes, *more: str) -> None:
    answer = repo.run(*APPLY, *words, *more, "-", stdin=patch, env=_writing(repo), accept=None)
    if answer.code == 0:
        return
    where = "the staged file" if words else "the file in the work tree"
    said = next((line.removeprefix("error: ") for line in answer.err.splitlines() if line.startswith("error: ")), "")
    raise GitError(f"the fix does not fit {where}: {said}; {AS_IT_WAS}", "stage or stash what stands in its place")


def _undo(repo: Repository, mend: Mend, steps: Sequence[_Step]) -> tuple[str, ...]:
    """Keep the patches beside the repository's own data, and say how to take them back."""
    place = repo.folder / "llm-review"
    place.mkdir(exist_ok=True)
    commands = []
    for words, patch in steps:
        file = place / f"{mend.tree[:12]}{''.join(words).replace('--', '-')}.patch"
        file.write_bytes(patch)
        commands.append(shlex.join(["git", "apply", "-R", *words, os.fspath(file)]))
    return tuple(commands)
