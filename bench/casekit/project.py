"""Laying a recipe down as a git repository, and the pytest.ini that makes plain `python -m pytest` work in it."""

from __future__ import annotations

import configparser
import shlex
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

from .case import BenchError, Files, Recipe
from .snapshot import git

IGNORED = ("/.venv", "__pycache__/", ".pytest_cache/")
_LAX = ("addopts", "filterwarnings", "xfail_strict")
_PLACES = (
    ("pytest.ini", "pytest"),
    (".pytest.ini", "pytest"),
    ("pyproject.toml", ""),
    ("tox.ini", "pytest"),
    ("setup.cfg", "tool:pytest"),
)


def write_files(folder: Path, files: Files) -> None:
    """Write files below a folder; those whose bytes are None are deleted."""
    for name, data in files.items():
        path = folder / name
        if data is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def lay_down(recipe: Recipe, folder: Path, venv: Path) -> None:
    """Make the repository in an empty or absent folder: one commit, the change staged, `.venv` a link git ignores."""
    if folder.exists() and any(folder.iterdir()):
        raise BenchError(f"{folder} is not empty")
    folder.mkdir(parents=True, exist_ok=True)
    if recipe.start:
        recipe.start.check_out(folder)
    write_files(folder, {**recipe.base, "pytest.ini": recipe.ini.encode()})
    _commit_all(folder)
    write_files(folder, recipe.staged)
    git("add", "--all", "--force", "--", *recipe.staged, cwd=folder)
    (folder / ".venv").symlink_to(venv)


def _commit_all(folder: Path) -> None:
    git("init", "--quiet", "--initial-branch=main", "--template=", cwd=folder)
    info = folder / ".git" / "info"
    info.mkdir()
    (info / "exclude").write_text("\n".join((*IGNORED, "")), "utf-8")
    for setting in ("user.name=dev", "user.email=dev@example.org", "gc.auto=0"):
        git("config", *setting.split("="), cwd=folder)
    git("add", "--all", "--force", ".", cwd=folder)
    git("commit", "--quiet", "--message=base", cwd=folder)


def pytest_ini(
    pythonpath: Iterable[str], seconds: int, read: Callable[[str], bytes | None] | None = None, *, lax: bool = False
) -> str:
    """The project's own pytest settings, with the import path and a limit of `seconds` per test added.

    `read` gives a project file's bytes. `lax` drops the project's options and strictness.
    """
    options = _project_options(read) if read else {}
    if lax:
        options = {k: v for k, v in options.items() if k not in _LAX} | {"filterwarnings": "default"}
    paths = [*pythonpath, *options.get("pythonpath", "").split()]
    options["pythonpath"] = "\n".join(dict.fromkeys(paths))
    options.setdefault("timeout", str(seconds))
    lines = (f"{key} = {value.strip()}".replace("\n", "\n    ") for key, value in options.items())
    return "\n".join(("[pytest]", *lines, ""))


def _project_options(read: Callable[[str], bytes | None]) -> dict[str, str]:
    """The first of the places where pytest looks that has a section for it."""
    for name, section in _PLACES:
        text = (read(name) or b"").decode("utf-8", "replace")
        found = _ini_section(text, section) if section else _toml_section(text)
        if found is not None:
            return found
    return {}


def _ini_section(text: str, section: str) -> dict[str, str] | None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return dict(parser[section]) if section in parser else None


def _toml_section(text: str) -> dict[str, str] | None:
    options = tomllib.loads(text).get("tool", {}).get("pytest", {}).get("ini_options")
    return None if options is None else {key: _as_ini(key, value) for key, value in options.items()}


def _as_ini(key: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return shlex.join(value) if key == "addopts" else "\n".join(("", *value))
    return str(value)
