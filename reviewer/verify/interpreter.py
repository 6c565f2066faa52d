"""Which Python runs the project's tests.

Nothing of an environment is executed to find out: the *base* interpreter behind it is asked, isolated and without
`site`, so that a `.venv` that was committed to the repository cannot run code outside the sandbox.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import process
from ..errors import ToolError
from ..foreign import from_json
from ..review import Skipped

WHAT = "tests"
PROBE = r"""
import json, os, site, sys
from importlib import metadata
prefix, base = sys.argv[1] or sys.prefix, sys.prefix
sys.prefix = sys.exec_prefix = prefix
folders = site.getsitepackages([prefix])
if sys.argv[2] == "system" and prefix != base:
    sys.prefix = sys.exec_prefix = base
    folders += site.getsitepackages([base])
pytest, plugins, seen = None, set(), set()
for dist in metadata.distributions(path=folders):
    name = (dist.metadata["Name"] or "").lower()
    if not name or name in seen:
        continue
    seen.add(name)
    if name == "pytest":
        pytest = dist.version
    plugins.update(e.name for e in dist.entry_points if e.group == "pytest11")
linked = []
for folder in folders:
    for entry in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if entry.endswith(".pth"):
            with open(os.path.join(folder, entry), encoding="utf-8", errors="replace") as file:
                linked += [os.path.join(folder, l.strip()) for l in file
                           if l.strip() and not l.startswith(("import ", "import\t", "#"))]
print(json.dumps({
    "executable": sys.executable, "version": "%d.%d.%d" % sys.version_info[:3], "base": base, "pytest": pytest,
    "plugins": sorted(plugins), "linked": [os.path.normpath(p) for p in linked if os.path.isdir(p)],
}))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python with pytest. `path` is what to run, `origin` who named it (".venv", "--python", ...).

    `prefixes` are the folders and links that it needs to see; `plugins` are its pytest entry point names.
    """

    path: Path
    origin: str
    version: str
    prefixes: tuple[Path, ...]
    pytest: str | None
    plugins: frozenset[str]

    def __str__(self) -> str:
        """For the receipt."""
        return f"Python {self.version} with pytest {self.pytest} ({self.path}, from {self.origin})"


def find(root: Path, setting: str | None) -> Interpreter | Skipped:
    """The first Python with pytest of: `setting`, VIRTUAL_ENV, .venv, venv, uv, Poetry, CONDA_PREFIX, the PATH.

    llm-review's own environment comes after the project's. A Python that is a file of the repository is only used
    when `setting` names it. Skipped says which Python was looked at and what to do.
    """
    root = root.resolve()
    if setting is not None:
        return _named(root, setting)
    seen: list[str] = []
    for origin, path in _candidates(root):
        if path.resolve().is_relative_to(root):
            reason = f"{path} is a file of the repository, not a link to an installed Python"
            return Skipped(WHAT, f"{reason}; name it with --python if you trust it")
        interpreter = probe(root, path, origin)
        if interpreter and interpreter.pytest:
            return interpreter
        seen.append(f"{origin} ({path}) {'has no pytest' if interpreter else 'does not run'}")
    looked = "; ".join(seen[:2]) or "no Python was found"
    return Skipped(WHAT, f"{looked}; install pytest there or name the project's Python with --python")


def _named(root: Path, setting: str) -> Interpreter | Skipped:
    place = root / Path(setting).expanduser()
    found = None if os.sep in setting else shutil.which(setting)
    path = Path(found) if found else place
    if path.is_dir():
        path = path / "bin" / "python"
    interpreter = probe(root, path, "--python")
    if interpreter is None:
        return Skipped(WHAT, f"{setting} is not a Python that runs; give --python a Python or an environment's folder")
    if interpreter.pytest is None:
        return Skipped(WHAT, f"{setting} has no pytest; install it with `{setting} -m pip install pytest`")
    return interpreter


def _candidates(root: Path) -> Iterator[tuple[str, Path]]:
    """Where to look, best first; external programs are asked only when nothing before was taken."""
    active = os.environ.get("VIRTUAL_ENV")
    own = bool(active) and Path(active or "").resolve() == Path(sys.prefix).resolve()
    folders = [(".venv", root / ".venv"), ("venv", root / "venv")]
    if active:
        folders.insert(len(folders) if own else 0, ("VIRTUAL_ENV", Path(active)))
    yield from ((origin, path) for origin, folder in folders if (path := folder / "bin" / "python").exists())
    for lock, command in (("uv.lock", ("uv", "python", "find")), ("poetry.lock", ("poetry", "env", "info", "-e"))):
        if (root / lock).is_file() and (answer := _ask(command, root)):
            yield command[0], answer
    if conda := os.environ.get("CONDA_PREFIX"):
        yield "CONDA_PREFIX", Path(conda, "bin", "python")
    if plain := shutil.which("python3"):
        yield "PATH", Path(plain)


def _ask(command: tuple[str, ...], root: Path) -> Path | None:
    if shutil.which(command[0]) is None:
        return None
    done = process.run(command, cwd=root, timeout=20)
    path = Path(done.stdout.decode("utf-8", "replace").strip())
    return path if done.exit_code == 0 and path.is_file() else None


def probe(root: Path, path: Path, origin: str) -> Interpreter | None:
    """What a Python says of itself, or None when it does not run."""
    config = path.parent.parent / "pyvenv.cfg"
    environment = path.parent.parent if config.is_file() else None
    system = "system" if environment and _sees_system(config) else "own"
    argv = (str(path.resolve()), "-I", "-S", "-c", PROBE, str(environment or ""), system)
    try:
        done = process.run(argv, timeout=20)
        said = from_json(done.stdout) if done.exit_code == 0 else None
    except (ToolError, ValueError):
        return None
    if not isinstance(said, dict):
        return None
    program = path.absolute() if environment else Path(said["executable"])
    own = {environment.absolute()} if environment else set()
    own.add(Path(said["base"]))
    # Folders that .pth files add belong to it, except the repository's own: there the snapshot must be seen.
    linked = {p for p in map(Path, said["linked"]) if not p.is_relative_to(root)}
    needs = own | {p.resolve() for p in own} | linked | {*_links(program), program.resolve().parent.parent}
    plugins = frozenset(said["plugins"])
    return Interpreter(program, origin, said["version"], tuple(sorted(needs)), said["pytest"], plugins)


def _sees_system(config: Path) -> bool:
    lines = config.read_text("utf-8", "replace").splitlines()
    pairs = (line.partition("=") for line in lines)
    return any(k.strip() == "include-system-site-packages" and v.strip().lower() == "true" for k, _, v in pairs)


def _links(program: Path) -> Iterator[Path]:
    """Every link on the way from an environment's Python to the file, outside that environment."""
    seen: set[Path] = set()
    while program.is_symlink() and program not in seen:
        seen.add(program)
        program = Path(os.path.normpath(program.parent / program.readlink()))
        if program.is_symlink():
            yield program
