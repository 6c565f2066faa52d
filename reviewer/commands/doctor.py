"""`llm-review doctor`: what works here, what does not, and what to do about it."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from .. import process
from ..change.git import Repository
from ..change.gitcommand import version
from ..change.locate import current_folder
from ..errors import ExitCode, GitError, ReviewError, SandboxError, ToolError
from ..evidence.ruff import find_ruff
from ..llm.catalog import find as find_model
from ..llm.choose import check, picked
from ..llm.download import is_present, locate
from ..llm.endpoint import OPENAI
from ..review import Skipped
from ..sandbox.choice import HINT as SANDBOX_HINT
from ..sandbox.choice import choose as choose_sandbox
from ..scratch import scratch
from ..settings import PREFIX, Settings, load, user_file
from ..verify.interpreter import find

# What each provider needs: a package, and the extra that brings it.
ENGINES = {
    "llamacpp": ("xllamacpp", "local"),
    "transformers": ("transformers", "transformers"),
    "openai": ("openai", "openai"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `needed`: without it no review can be made; `hint` is what to do where it is missing."""

    name: str
    ok: bool
    text: str
    hint: str = ""
    needed: bool = False


def run(arguments: argparse.Namespace) -> int:  # noqa: ARG001 - every command gets them
    """Print the lines; 2 when something needed is missing."""
    healthy = True
    with scratch() as folder:
        for row in _rows(folder):
            hint = f" ({row.hint})" if row.hint and not row.ok else ""
            sys.stdout.write(f"{'ok' if row.ok else 'missing':8} {row.name:11} {row.text}{hint}\n")
            healthy &= row.ok or not row.needed
    return ExitCode.OK if healthy else ExitCode.USAGE


def _rows(folder: Path) -> Iterator[Row]:
    here = current_folder()
    with ExitStack() as stack:
        yield _git()
        repo: Repository | None = None
        try:
            repo = Repository.open(here, folder / "git")
            stack.callback(repo.close)
            yield Row("repository", True, str(repo.root))
        except GitError as error:
            yield Row("repository", False, error.message, error.hint, needed=True)
        settings, row = _settings(repo)
        yield row
        yield from (_ruff(), _bandit())
        yield from _tests(repo.root if repo else here, settings)
        yield from (_provider(settings), _engine(settings), _model(settings))


def _git() -> Row:
    try:
        return Row("git", True, version())
    except GitError as error:
        return Row("git", False, error.message, error.hint, needed=True)


def _settings(repo: Repository | None) -> tuple[Settings, Row]:
    """The settings that a review of the work tree would have, and where they come from."""
    own, origins = user_file(), []
    text: str | None = None
    try:
        blob = repo.blob(repo.head_tree(), "pyproject.toml") if repo else None
        text = repo.read(blob).decode("utf-8", "replace") if repo and blob else None
        settings = load(text, {}, own)
    except ReviewError as error:
        return Settings(), Row("settings", False, error.message, error.hint, needed=True)
    if own.is_file():
        origins.append(str(own))
    if text and "[tool.llm-review]" in text:
        origins.append("pyproject.toml of HEAD")
    origins += sorted(name for name in os.environ if name.startswith(PREFIX))
    return settings, Row("settings", True, ", ".join(origins) or f"the defaults (no {own}, nothing in pyproject.toml)")


def _ruff() -> Row:
    try:
        done = process.run((find_ruff(), "--version"), timeout=10)
    except ToolError as error:
        return Row("ruff", False, error.message, error.hint, needed=True)
    return Row("ruff", done.exit_code == 0, done.stdout.decode("utf-8", "replace").strip().removeprefix("ruff "))


def _bandit() -> Row:
    try:
        return Row("bandit", True, importlib.metadata.version("bandit"))
    except importlib.metadata.PackageNotFoundError:
        return Row("bandit", False, "not installed beside llm-review", "pip install bandit", needed=True)


def _tests(root: Path, settings: Settings) -> Iterator[Row]:
    found = find(root, settings.python or None)
    if isinstance(found, Skipped):
        yield Row("interpreter", False, found.reason)
    else:
        yield Row("interpreter", True, str(found))
    prefixes = () if isinstance(found, Skipped) else found.prefixes
    try:
        isolation = choose_sandbox(settings.sandbox, root, prefixes).isolation
    except SandboxError as error:
        yield Row("sandbox", False, error.message, error.hint, needed=True)
        return
    walls = isolation["name"] != "none"
    said = "; ".join(f"{what}: {how}" for what, how in isolation.items() if what not in {"name", "reason"})
    why = f"{isolation['reason']}; " if "reason" in isolation else ""
    wanted = settings.sandbox == "none"
    yield Row("sandbox", walls or wanted, f"{isolation['name']} ({why}{said})", SANDBOX_HINT)


def _provider(settings: Settings) -> Row:
    pick = picked(settings)
    return Row("provider", True, f"{pick.provider}: {pick.why}")


def _engine(settings: Settings) -> Row:
    package, extra = ENGINES[picked(settings).provider]
    try:
        return Row("engine", True, f"{package} {importlib.metadata.version(package)}")
    except importlib.metadata.PackageNotFoundError:
        hint = f'pip install "llm-review[{extra}]"'
        return Row("engine", False, f"{package} is not installed; reviews go on without a model", hint)


def _model(settings: Settings) -> Row:
    try:
        check(settings)
        if picked(settings).provider != "llamacpp":
            where = f" at {settings.base_url or OPENAI}" if settings.provider == "openai" else ""
            return Row("model", True, f"{settings.model}{where}")
        if settings.model.lower().endswith(".gguf"):
            return Row("model", True, settings.model)
        entry = find_model(settings.model)
    except ReviewError as error:
        return Row("model", False, error.message, error.hint, needed=settings.llm)
    if is_present(entry):
        return Row("model", True, f"{entry.name} ({locate(entry)})")
    text = f"{entry.name} is not in {locate(entry).parent}; reviews go on without it"
    return Row("model", False, text, f"llm-review model pull {entry.name}")
