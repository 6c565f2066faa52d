"""Where the material comes from: git mirrors and virtual environments, made when first needed and kept."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from reviewer.process import run

from .case import BenchError
from .snapshot import Snapshot, git

PUBLIC_HOME = "https://github.com"
INSTALL_LIMIT = 1800


@dataclass(frozen=True, slots=True)
class Workshop:
    """`home` is scratch that is kept, `mirrors` a folder of git directories or None, `packages` the pins."""

    home: Path
    packages: Path
    mirrors: Path | None = None
    python: str = sys.executable
    public_home: str = PUBLIC_HOME

    @classmethod
    def from_environment(cls, packages: Path, mirrors: Path | None = None) -> Workshop:
        """BENCH_HOME, BENCH_MIRRORS and BENCH_PYTHON say where; a folder of mirrors that is given wins."""
        home = os.environ.get("BENCH_HOME") or Path.home() / ".cache" / "llm-review-bench"
        given = mirrors or os.environ.get("BENCH_MIRRORS")
        return cls(
            Path(home).expanduser().resolve(),
            packages,
            Path(given).expanduser().resolve() if given else None,
            os.environ.get("BENCH_PYTHON", sys.executable),
        )

    def snapshot(self, repo: str, commit: str) -> Snapshot:
        """A commit of `owner/name`: from the mirrors, else from a clone of its public home made once."""
        name = repo.replace("/", "+")
        kept = self.home / "mirrors"
        for folder in (self.mirrors, kept):
            found = _git_dir(folder / name) if folder else None
            if found:
                return Snapshot(found, commit)
        kept.mkdir(parents=True, exist_ok=True)
        with FileLock(kept / f"{name}.lock"):
            return Snapshot(_git_dir(kept / name) or self._clone(repo, kept / name), commit)

    def _clone(self, repo: str, folder: Path) -> Path:
        print(f"cloning {repo}", file=sys.stderr)
        partial = folder.with_name(folder.name + ".part")
        shutil.rmtree(partial, ignore_errors=True)
        git("clone", "--quiet", "--bare", f"{self.public_home}/{repo}", str(partial))
        return partial.rename(folder)

    def environment(self, name: str) -> Path:
        """The python of the virtual environment `name`, which holds its pins and not the code of the project."""
        pins = json.loads(self.packages.read_text("utf-8"))
        if name not in pins:
            raise BenchError(f"no environment {name} in {self.packages}")
        folder = self.home / "venvs" / name
        folder.parent.mkdir(parents=True, exist_ok=True)
        stamp, ready = json.dumps(pins[name], sort_keys=True), folder / "ready.json"
        with FileLock(folder.parent / f"{name}.lock"):
            if not ready.is_file() or ready.read_text("utf-8") != stamp:
                print(f"creating the environment {name}", file=sys.stderr)
                self._install(folder, pins[name])
                ready.write_text(stamp, "utf-8")
        return folder / "bin" / "python"

    def _install(self, folder: Path, pin: dict[str, Any]) -> None:
        _must((self.python, "-m", "venv", "--clear", str(folder)))
        quiet = ("--quiet", "--disable-pip-version-check")
        _must((str(folder / "bin" / "python"), "-m", "pip", "install", *quiet, *pin["packages"]))
        if pin["project"]:
            _take_code_out(folder, pin["project"])


def _git_dir(folder: Path) -> Path | None:
    candidates = (folder / "repo", folder / "repo" / ".git", folder / ".git", folder)
    return next((c for c in candidates if (c / "HEAD").is_file() and (c / "objects").is_dir()), None)


def _must(argv: Sequence[str]) -> None:
    done = run(argv, timeout=INSTALL_LIMIT)
    if done.exit_code != 0:
        raise BenchError(f"{' '.join(argv[:5])} ...: {done.stderr.decode(errors='replace').strip()[-600:]}")


def _take_code_out(venv: Path, project: str) -> None:
    """Delete what `project` installed except its metadata.

    Tests then import the work tree or nothing, and no repaired copy of a case's code lies beside it.
    """
    site = next(venv.glob("lib/python3*/site-packages"))
    found = next(iter(importlib.metadata.Distribution.discover(name=project, path=[str(site)])), None)
    if found is None:
        raise BenchError(f"{venv} holds no {project}")
    for top in {file.parts[0] for file in found.files or ()}:
        if top in ("..", "__pycache__") or top.endswith(".dist-info"):
            continue
        path = site / top
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
