"""A repository and what is asked of it.

Nothing is written to the user's repository: new objects go to a folder in the scratch space that has the repository's
own as its alternate, and every index that is written is a copy there.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from ..errors import GitError, UsageError
from .gitcommand import ID, MISSING, Answer, begin, execute, last_line, not_understood
from .locate import Layout, locate, object_folder
from .objects import Objects

SHALLOW_HINT = "this is a shallow clone: fetch more history (actions/checkout: fetch-depth: 0)"
_BLOB_MODES = frozenset({"100644", "100755", "120000"})


class Repository:
    """A user's repository, read only. `root` is the top of its work tree, `folder` its git directory,
    `own_objects` the folder of its objects.

    `objects` is the folder of what was made for the review, `pinned` the environment that git finds the repository by.

    Safe to read from several threads. `close` ends the process behind `read`.
    """

    def __init__(self, layout: Layout, start: Path, scratch: Path) -> None:
        """Use `open`."""
        self.root = layout.root
        self.folder = layout.folder
        self.own_objects = layout.objects
        self.scratch = scratch
        self.index = layout.index
        self.pinned = layout.pinned
        self.objects = scratch / "objects"
        self._start = start
        self._count = 0
        self._lock = threading.Lock()
        self._at_end = ExitStack()
        self._env = dict(layout.pinned) | {"GIT_OBJECT_DIRECTORY": str(object_folder(layout.objects, scratch))}
        self._objects = Objects(self.root, self._env)

    @classmethod
    def open(cls, path: Path, scratch: Path) -> Repository:
        """Find the repository round `path`; `scratch` is a folder outside it that may be written to.

        A GIT_DIR, GIT_WORK_TREE or GIT_INDEX_FILE that git gave to a hook is honoured. Raises GitError when git is
        missing, or there is no repository with a work tree, or git does not trust its owner.
        """
        if shutil.which("git") is None:
            raise GitError(*MISSING)
        start = path.resolve()
        if not start.is_dir():
            raise GitError(f"not a folder: {path}", "name a folder inside a git repository")
        scratch = scratch.resolve()
        scratch.mkdir(parents=True, exist_ok=True)
        return cls(locate(start), start, scratch)

    def run(
        self,
        *args: str,
        stdin: bytes | None = None,
        index: Path | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        accept: tuple[int, ...] | None = (0,),
    ) -> Answer:
        """Run one git command from the top of the work tree. `index` takes the place of the repository's own.

        Raises GitError with git's own words when the exit code is not in `accept` (None: any will do).
        """
        extra = self._env | ({"GIT_INDEX_FILE": str(index)} if index else {}) | dict(env or {})
        answer = execute(cwd or self.root, args, extra, stdin)
        if accept is not None and answer.code not in accept:
            raise GitError(f"git {_subcommand(args)} failed: {last_line(answer.err)}")
        return answer

    def temporary_index(self, copied: bool = False) -> Path:
        """A new path in the scratch space for an index; `copied`: a copy of the one under review, times included."""
        with self._lock:
            self._count += 1
            path = self.scratch / f"index-{self._count}"
        if copied and self.index.exists():
            # The time tells git which entries it must not trust: a file written in the same instant as the index.
            shutil.copy2(self.index, path)
        return path

    def relative(self, path: str) -> str:
        """A path from the command line as it stands in a tree ("" for the top). Raises UsageError outside the root."""
        named = Path(os.path.normpath(self._start / path))
        whole = named.parent.resolve() / named.name
        if not whole.is_relative_to(self.root):
            raise UsageError(f"{path} is outside the repository {self.root}", "name a file or folder of the repository")
        inside = whole.relative_to(self.root).as_posix()
        return "" if inside == "." else inside

    def tree_of(self, revision: str) -> str:
        """The tree id of a revision. Raises GitError when it is not known here."""
        return self._resolve(revision, "tree")

    def merge_base(self, one: str, other: str) -> str:
        """The commit that two revisions grew from. Raises GitError when there is none."""
        commits = (self._resolve(one, "commit"), self._resolve(other, "commit"))
        answer = self.run("merge-base", *commits, accept=(0, 1))
        if not answer.lines:
            raise GitError(f"{one} and {other} have no common ancestor", self._history_hint())
        return answer.id

    def head_tree(self) -> str:
        """The tree of HEAD; the empty tree before the first commit."""
        if tree := self._objects.tree("HEAD^{tree}"):
            return tree
        answer = self.run("rev-parse", "--verify", "--quiet", "HEAD^{tree}", accept=(0, 1, 128))
        if answer.code == 0:
            return answer.id
        if self.run("symbolic-ref", "--quiet", "HEAD", accept=(0, 1)).code == 0 and not self._branch_exists():
            return self.make_tree(())
        raise GitError(f"HEAD cannot be read: {last_line(answer.err)}", self._history_hint())

    def make_tree(self, entries: Iterable[tuple[str, str]]) -> str:
        """A tree of regular files, given as (name, blob id), in the scratch space. No entries: the empty tree."""
        return self.make_trees(entries)[0]

    def make_trees(self, *trees: Iterable[tuple[str, str]]) -> list[str]:
        """Several trees at once; see `make_tree`."""
        texts = ("".join(f"100644 blob {blob}\t{name}\0" for name, blob in entries) for entries in trees)
        stdin = "".join(f"{text}\0" for text in texts).encode()
        made = self.run("mktree", "-z", "--missing", "--batch", stdin=stdin).lines
        if len(made) != len(trees) or not all(map(ID.fullmatch, made)):
            raise not_understood("the ids of trees")
        return made

    def list_tree(self, tree: str) -> tuple[tuple[str, str, str], ...]:
        """Every file, link and submodule below a tree as (mode, id, path)."""
        return tuple(_tree_entries(self.run("ls-tree", "-r", "-z", "--full-tree", tree).out))

    def blob(self, tree: str, path: str) -> str | None:
        """The blob id of a file or link in a tree, or None."""
        return self.blobs(tree, (path,)).get(path)

    def blobs(self, tree: str, paths: Iterable[str]) -> dict[str, str]:
        """The blob ids of those of `paths` that are files or links in a tree."""
        found = ((path, self._objects.entry(tree, path)) for path in sorted(set(paths)))
        return {path: entry[1] for path, entry in found if entry and entry[0] in _BLOB_MODES}

    def sizes(self, blobs: Iterable[str]) -> dict[str, int]:
        """Bytes of each blob; those that are not in the repository are left out."""
        wanted = "".join(f"{blob}\n" for blob in sorted(set(blobs)))
        lines = self.run("cat-file", "--batch-check", stdin=wanted.encode()).lines if wanted else []
        return dict(filter(None, map(_sized, lines)))

    def read(self, blob_id: str) -> bytes:
        """The bytes of a blob. Raises GitError when it is not in the repository (a partial clone, say)."""
        if not ID.fullmatch(blob_id):
            raise GitError(f"not an object id: {blob_id!r}")
        data = self._objects.read(blob_id)
        if data is None:
            raise GitError(f"object {blob_id} cannot be read", "a partial clone lacks it: git fetch --refetch")
        return data

    def beginning(self, blob_id: str, size: int) -> bytes:
        """The first `size` bytes of a blob of any size, which is not held in memory."""
        process = begin(self.root, ("cat-file", "blob", blob_id), self._env)
        with process:
            return process.stdout.read(size) if process.stdout else b""

    def when_closed(self, action: Callable[[], None]) -> None:
        """Do something when this repository is closed."""
        self._at_end.callback(action)

    def close(self) -> None:
        """End the reading process, and do what was put off until now. May be called twice."""
        self._at_end.close()
        self._objects.close()

    def _resolve(self, revision: str, kind: str) -> str:
        if not revision or revision.startswith("-") or not revision.isprintable():
            raise GitError(f"not a revision: {revision!r}", "name a commit, a branch or a tag")
        answer = self.run("rev-parse", "--verify", "--quiet", f"{revision}^{{{kind}}}", accept=(0, 1, 128))
        if answer.code != 0 or not ID.fullmatch("".join(answer.lines)):
            raise GitError(f"unknown revision: {revision}", self._history_hint())
        return answer.lines[0]

    def _history_hint(self) -> str:
        shallow = self.run("rev-parse", "--is-shallow-repository").lines == ["true"]
        return SHALLOW_HINT if shallow else "git log shows the revisions that are here"

    def _branch_exists(self) -> bool:
        name = self.run("symbolic-ref", "HEAD").lines[0]
        return self.run("show-ref", "--verify", "--quiet", name, accept=(0, 1, 128)).code == 0


def _sized(line: str) -> tuple[str, int] | None:
    """An object and its bytes, of "id type size"; None for "id missing"."""
    words = line.split()
    if len(words) == 3 and words[2].isdecimal():
        return words[0], int(words[2])
    if len(words) != 2 or words[1] != "missing":
        raise not_understood("the sizes of objects")
    return None


def _tree_entries(listing: bytes) -> Iterator[tuple[str, str, str]]:
    for record in filter(None, listing.split(b"\0")):
        words, _, name = record.partition(b"\t")
        mode, _, blob = words.decode("ascii", "replace").split(" ") if words.count(b" ") == 2 else ("", "", "")
        if not ID.fullmatch(blob):
            raise not_understood("the entries of a tree")
        yield mode, blob, name.decode("utf-8", "surrogateescape")


def _subcommand(args: tuple[str, ...]) -> str:
    return next((word for word in args if not word.startswith("-") and "=" not in word), "")
