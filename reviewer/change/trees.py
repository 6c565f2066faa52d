"""A request becomes two trees: index, work tree, range and patch all end as tree ids; the user's repository is only
read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import GitError
from ..review import Skipped
from .git import Repository
from .spec import Spec, SpecKind

UNTRACKED_LIMIT = 100_000_000
_TROUBLE = re.compile(r"^(?:error: (?=.)|warning: (?=could not|unable to|cannot))(.+)$")
_QUOTED = re.compile(r"""['"](.+?)/?['"]""")


@dataclass(frozen=True, slots=True)
class Trees:
    """The two tree ids of a change, what was compared in words, and the files that could not be taken in."""

    base: str
    head: str
    title: str
    skipped: tuple[Skipped, ...] = ()


def read_trees(repo: Repository, spec: Spec) -> Trees:
    """The trees that a request names.

    Raises GitError: unknown revision, unfinished merge, history that is not here, a patch that does not apply.
    """
    readers = {
        SpecKind.AUTO: _auto,
        SpecKind.STAGED: _staged,
        SpecKind.WORKTREE: _worktree,
        SpecKind.RANGE: _range,
        SpecKind.PATCH: _patch,
    }
    return readers[spec.kind](repo, spec)


def _auto(repo: Repository, spec: Spec) -> Trees:
    staged = _staged(repo, spec)
    return staged if staged.base != staged.head else _worktree(repo, spec)


def _staged(repo: Repository, spec: Spec) -> Trees:
    index = repo.temporary_index(copied=True)
    try:
        head = _written(repo, index)
    except GitError:
        _check_merged(repo, index)
        raise
    return Trees(_base(repo, spec), head, _title("staged changes", spec))


def _worktree(repo: Repository, spec: Spec) -> Trees:
    index = repo.temporary_index(copied=True)
    _check_merged(repo, index)
    base = _base(repo, spec)
    large = _large_untracked(repo)
    skipped = tuple(Skipped(path, _LARGE) for path in large) + _add_all(repo, index, large)
    return Trees(base, _written(repo, index), _title("work tree", spec), skipped)


def _range(repo: Repository, spec: Spec) -> Trees:
    dots = "..." if "..." in spec.revision else ".."
    one, _, other = spec.revision.partition(dots)
    one, other = one or "HEAD", other or "HEAD"
    base = repo.merge_base(one, other) if dots == "..." else one
    return Trees(repo.tree_of(base), repo.tree_of(other), spec.revision)


def _patch(repo: Repository, spec: Spec) -> Trees:
    base = _base(repo, spec)
    index = repo.temporary_index()
    repo.run("read-tree", base, index=index)
    answer = repo.run(
        "apply", "--cached", "--whitespace=nowarn", "-", index=index, stdin=spec.patch or b"\n", accept=None
    )
    if answer.code != 0:
        raise _refused_patch(answer.err)
    return Trees(base, _written(repo, index), _title("patch", spec))


def _base(repo: Repository, spec: Spec) -> str:
    return repo.tree_of(spec.revision) if spec.revision else repo.head_tree()


def _title(what: str, spec: Spec) -> str:
    return f"{what} against {spec.revision}" if spec.revision else what


def _check_merged(repo: Repository, index: Path) -> None:
    """Raises GitError while a merge in an index is not finished."""
    unmerged = repo.run("ls-files", "--unmerged", "-z", index=index).out
    if unmerged:
        path = unmerged.partition(b"\t")[2].partition(b"\0")[0].decode("utf-8", "replace")
        raise GitError(f"{path} has conflicts that are not resolved", "resolve them and git add the result first")


def _written(repo: Repository, index: Path) -> str:
    return repo.run("write-tree", "--missing-ok", index=index).id


_LARGE = f"untracked and larger than {UNTRACKED_LIMIT // 1_000_000} MB"


def _large_untracked(repo: Repository) -> tuple[str, ...]:
    """Untracked files that are too large to be hashed: data that somebody forgot to ignore."""
    listing = repo.run("ls-files", "--others", "--exclude-standard", "-z").out
    names = [name.decode("utf-8", "surrogateescape") for name in listing.split(b"\0") if name and name[-1:] != b"/"]
    return tuple(name for name in names if _size(repo.root / name) > UNTRACKED_LIMIT)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _add_all(repo: Repository, index: Path, excluded: tuple[str, ...]) -> tuple[Skipped, ...]:
    """Bring the work tree's files into an index; what git could not read is named."""
    words = ["-c", f"lfs.storage={repo.scratch / 'lfs'}", "add", "--all", "--ignore-errors"]
    stdin = None
    if excluded:
        words += ["--pathspec-from-file=-", "--pathspec-file-nul"]
        specs = [":/", *(f":(top,exclude,literal){path}" for path in excluded)]
        stdin = "\0".join(specs).encode("utf-8", "surrogateescape")
    answer = repo.run(*words, index=index, stdin=stdin, accept=None)
    skipped = _unread(answer.err)
    if answer.code != 0 and not skipped:
        raise GitError(f"git cannot read the work tree: {answer.err.strip()}")
    return skipped


def _unread(messages: str) -> tuple[Skipped, ...]:
    """One Skipped for each path that git complained of, with its first complaint."""
    reasons: dict[str, str] = {}
    for line in messages.splitlines():
        if (trouble := _TROUBLE.match(line)) and (name := _QUOTED.search(trouble[1])):
            reasons.setdefault(name[1], trouble[1])
    return tuple(Skipped(path, f"git could not read it: {reason}") for path, reason in reasons.items())


def _refused_patch(message: str) -> GitError:
    """Git's complaint as an error: "error: patch failed: a.py:3" names the file and the line of the hunk."""
    lines = [line.removeprefix("error: ") for line in message.splitlines() if line.startswith("error: ")]
    if not lines or "No valid patches" in message:
        return GitError("there is no patch in the input", "give a unified diff, as git diff prints it")
    failed = next((line for line in lines if line.startswith("patch failed: ")), lines[0])
    return GitError(
        f"the patch does not apply: {failed.removeprefix('patch failed: ')}",
        "it must apply to HEAD, or to the revision that is given with it",
    )
