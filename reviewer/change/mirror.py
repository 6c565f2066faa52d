"""Trees kept as files in the user's cache, so that a snapshot costs what changed since the last one.

A repository has a few slots, each a folder of files with an index of git's. A slot is leased by one process at a time,
and is brought to another tree by what differs. It is never believed: git compares the time of change, the size and the
number of every file with the index before it keeps it, and writes anew what was touched; what is in no tree is removed.
The index is written last, so that an update that was broken off is seen in the same way.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import GitError
from ..foreign import from_json
from .git import Repository

SLOTS = 6
LIMIT = 4_000_000_000
LAYOUT = "1"
_SUBMODULE = "160000"
# What the user's configuration must not weaken: what is looked at, and what is written.
SETTINGS = (
    "core.trustctime=true",
    "core.checkStat=default",
    "core.ignoreStat=false",
    "core.sparseCheckout=false",
    "index.skipHash=false",
    "index.sparse=false",
    "submodule.recurse=false",
)

Entries = Sequence[tuple[str, str, str]]


def cache() -> Path:
    """Where the slots of all repositories lie: `LLM_REVIEW_SNAPSHOTS`, else in the user's cache folder."""
    if chosen := os.environ.get("LLM_REVIEW_SNAPSHOTS"):
        return Path(chosen).expanduser()
    import platformdirs  # noqa: PLC0415

    return Path(platformdirs.user_cache_dir("llm-review", appauthor=False)) / "snapshots"


@dataclass(frozen=True, slots=True)
class _Slot:
    """A folder with `files`, their `index`, a `stamp` (what it holds, when it was last used) and a `lock`."""

    folder: Path

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def stamp(self) -> dict[str, object]:
        """Empty when nothing was finished here."""
        try:
            said = from_json((self.folder / "stamp").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    @property
    def size(self) -> int:
        size = self.stamp.get("bytes")
        return size if isinstance(size, int) else 0

    @property
    def used(self) -> float:
        """When it was last brought to a tree; 0 for never."""
        try:
            return (self.folder / "stamp").stat().st_mtime
        except OSError:
            return 0.0

    def clear(self) -> None:
        """Remove all but the lock. Raises OSError when something stays."""
        for name in ("stamp", "index", "index.lock"):
            (self.folder / name).unlink(missing_ok=True)
        if self.files.is_symlink():
            self.files.unlink()
        elif self.files.exists():
            shutil.rmtree(self.files)


def lease(repo: Repository, tree: str, entries: Entries, options: Sequence[str]) -> Path | None:
    """A folder that holds the tree, ours until the repository is closed; None when none can be had or made.

    Whatever runs the code under review must not be able to write to it. `entries` is the tree listed, `options` are
    for git. The folder may be changed by the caller: the next lease sets it right.
    """
    place = _place(repo)
    if place is None:
        return None
    fingerprint = _fingerprint(repo, entries)
    slot = _locked(repo, place, tree)
    if slot is None:
        return None
    try:
        if slot.stamp.get("fingerprint") != fingerprint:
            slot.clear()
        size = slot.size or _size(repo, entries)
        if not slot.size and not _make_room(place.parent, size):
            return None
        _update(repo, slot, tree, entries, options)
        _note(slot, {"fingerprint": fingerprint, "tree": tree, "bytes": size})
    except (GitError, OSError):
        # A full disk, a tree that git refuses, an index that is broken: the slot is made anew next time.
        with contextlib.suppress(OSError):
            slot.clear()
        return None
    return slot.files


def _place(repo: Repository) -> Path | None:
    """The folder of this repository's slots; None where it would lie in the repository, or others could write to it."""
    root = cache()
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        root = root.resolve()
        about = root.stat()
        if root.is_relative_to(repo.root.resolve()) or about.st_uid != os.getuid() or about.st_mode & 0o022:
            return None
        place = root / hashlib.sha256(os.fsencode(repo.folder.resolve())).hexdigest()[:20]
        place.mkdir(exist_ok=True)
    except OSError:
        return None
    return place


def _locked(repo: Repository, place: Path, tree: str) -> _Slot | None:
    """A slot that nobody else has: one that holds the tree, else one that holds another, else an empty one."""
    slots = [_Slot(place / str(number)) for number in range(SLOTS)]
    stamps = {slot: slot.stamp.get("tree") for slot in slots}
    for slot in sorted(slots, key=lambda s: (stamps[s] != tree, stamps[s] is None)):
        if release := _lock(slot):
            repo.when_closed(release)
            return slot
    return None


def _lock(slot: _Slot) -> Callable[[], None] | None:
    """Take a slot, if nobody has it; what gives it back."""
    import filelock  # noqa: PLC0415

    slot.folder.mkdir(exist_ok=True)
    lock = filelock.FileLock(slot.folder / "lock", timeout=0)
    try:
        lock.acquire()
    except (filelock.Timeout, OSError):
        return None
    return lock.release


def _fingerprint(repo: Repository, entries: Entries) -> str:
    """What decides how a blob is written, apart from its own content: attributes, and git's settings."""
    said = repo.run("config", "--list", "-z", "--includes").out.split(b"\0")
    attributes = [f"{blob} {path}" for _, blob, path in entries if path.rpartition("/")[2] == ".gitattributes"]
    parts = [LAYOUT.encode(), *(line for line in said if line.startswith((b"core.", b"filter.")))]
    parts += [text.encode("utf-8", "surrogateescape") for text in attributes]
    parts += [hashlib.sha256(data).digest() for data in _attributes_of_the_user(repo, said)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _attributes_of_the_user(repo: Repository, settings: Iterable[bytes]) -> Iterator[bytes]:
    chosen = [line.partition(b"\n")[2] for line in settings if line.startswith(b"core.attributesfile\n")]
    configured = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config", "git", "attributes")
    named = Path(os.fsdecode(chosen[-1])) if chosen else configured
    own = repo.run("rev-parse", "--path-format=absolute", "--git-path", "info/attributes").lines[0]
    for path in (named.expanduser(), Path(own), Path("/etc/gitattributes")):
        try:
            yield path.read_bytes()
        except OSError:
            yield b""


def _update(repo: Repository, slot: _Slot, tree: str, entries: Entries, options: Sequence[str]) -> None:
    (slot.folder / "index.lock").unlink(missing_ok=True)
    slot.files.mkdir(exist_ok=True)
    place = {"GIT_DIR": str(repo.folder), "GIT_WORK_TREE": str(slot.files)}
    words = [*options, *(word for setting in SETTINGS for word in ("-c", setting))]
    for command in (("clean", "-ffdxq"), ("read-tree", "--reset", "-u", "--no-sparse-checkout", tree)):
        repo.run(*words, *command, index=slot.folder / "index", env=place, cwd=slot.files)
    for mode, _, path in entries:
        if mode == _SUBMODULE:
            with contextlib.suppress(OSError):
                (slot.files / path).rmdir()
    if (slot.files / ".git").exists():
        raise GitError("a snapshot has a .git of its own")


def _note(slot: _Slot, stamp: dict[str, object]) -> None:
    new = slot.folder / "stamp.new"
    new.write_text(json.dumps(stamp), "utf-8")
    new.replace(slot.folder / "stamp")


def _size(repo: Repository, entries: Entries) -> int:
    sizes = repo.sizes(blob for mode, blob, _ in entries if mode != _SUBMODULE)
    return sum(sizes.get(blob, 0) for _, blob, _ in entries)


def _make_room(root: Path, size: int) -> bool:
    """Clear slots that were not used for longest until `size` more bytes fit below LIMIT; whether they do."""
    slots = sorted((_Slot(path.parent) for path in root.glob("*/*/stamp")), key=lambda slot: slot.used)
    total = sum(slot.size for slot in slots) + size
    for slot in slots:
        if total <= LIMIT:
            break
        gone = slot.size
        if release := _lock(slot):
            with contextlib.suppress(OSError):
                slot.clear()
                total -= gone
            release()
    return total <= LIMIT
