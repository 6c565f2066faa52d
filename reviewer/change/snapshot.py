"""A tree as files in a folder, for tools and tests to work on."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from ..errors import GitError
from ..review import Skipped
from .git import Repository
from .mirror import lease

BUILT = (".py", ".so", ".pyd")
BUILT_LIMIT = 50_000_000
_SUBMODULE = "160000"


def export(
    repo: Repository, tree: str, dest: Path, paths: Iterable[str] | None = None, *, kept: bool = False
) -> tuple[Skipped, ...]:
    """Write a tree's files (or only those of `paths` that it has) below `dest`, which must be empty or absent.

    Nothing of the user's filters runs (LFS files stay pointers), line endings are as git would check them out, links
    are written as links. Submodules come back as Skipped. Raises GitError for a tree with unsafe names.

    `kept`: a whole tree may come from a mirror that is kept for the next review; `dest` is then a link to it. Only for
    a snapshot that the code under review cannot write to (see `sandbox.choice.layered`).
    """
    if dest.is_symlink() or (dest.exists() and any(dest.iterdir())):
        raise GitError(f"{dest} is not empty")
    entries = repo.list_tree(tree)
    options = _without_filters(repo)
    if kept and paths is None and (mirror := lease(repo, tree, entries, options)):
        if dest.exists():
            dest.rmdir()
        dest.parent.mkdir(parents=True, exist_ok=True)
        dest.symlink_to(mirror)
        return _submodules(entries)
    dest.mkdir(parents=True, exist_ok=True)
    index = repo.temporary_index()
    repo.run("read-tree", tree, index=index)
    wanted = None if paths is None else frozenset(paths)
    chosen = [entry for entry in entries if wanted is None or entry[2] in wanted]
    _write(repo, index, dest, options, [path for mode, _, path in chosen if mode != _SUBMODULE])
    return _submodules(chosen)


def _submodules(entries: Iterable[tuple[str, str, str]]) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(path, "a submodule: its files are not in the snapshot", harmless=True)
        for mode, _, path in entries
        if mode == _SUBMODULE
    )


def carry(repo: Repository, dests: Iterable[Path]) -> None:
    """Copy into snapshots the code that the project's build left in the work tree and git ignores.

    That is `_version.py`, compiled extensions and the like: single ignored files of code beside files of the snapshot;
    a folder that is ignored as a whole (an environment, a build) is left where it is.
    """
    patterns = [f"*{end}" for end in BUILT]
    flags = ("--others", "--ignored", "--exclude-standard", "--directory", "-z")
    listing = repo.run("ls-files", *flags, "--", *patterns).out.decode("utf-8", "surrogateescape")
    names = [name for name in listing.split("\0") if name and not name.endswith("/")]
    for dest in dests:
        for name in names:
            source, target = repo.root / name, dest / name
            plain = source.is_file() and not source.is_symlink() and source.stat().st_size <= BUILT_LIMIT
            if plain and target.parent.is_dir() and not target.exists():
                shutil.copyfile(source, target)


def _write(repo: Repository, index: Path, dest: Path, options: list[str], paths: list[str]) -> None:
    # With the folder as the work tree, attributes are the tree's own, and git refuses to write through a link.
    names = "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
    words = [*options, "checkout-index", "--quiet", "-z", "--stdin"]
    repo.run(*words, index=index, stdin=names, env={"GIT_DIR": str(repo.folder), "GIT_WORK_TREE": str(dest)}, cwd=dest)


def _without_filters(repo: Repository) -> list[str]:
    """Options that switch every configured filter off."""
    answer = repo.run("config", "--name-only", "-z", "--get-regexp", r"^filter\..*\.(smudge|process)$", accept=(0, 1))
    names = {name.rpartition(".")[0] for name in answer.out.decode("utf-8", "surrogateescape").split("\0") if name}
    settings = (f"{name}.{key}" for name in sorted(names) for key in ("smudge=", "process=", "required=false"))
    return [word for setting in settings for word in ("-c", setting)]
