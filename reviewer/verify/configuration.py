"""What decides how pytest runs: a change that edits it is judged by the base's version too."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from ..change.change import Change, FileChange
from ..change.git import Repository
from ..finding import Category, Finding, Location, Proof, Severity, Side
from ..foreign import from_toml
from .patch import same_code

WHOLE = frozenset({"pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini"})
SHARED = frozenset({"pyproject.toml", "setup.cfg"})
STARTUP = frozenset({"sitecustomize.py", "usercustomize.py"})
NAMED_PLUGIN = re.compile(r"""(?:^|[\s"'=])-p[\s"',]*([A-Za-z_][\w.]*)""")

Read = Callable[[str], bytes]


def edited(repo: Repository, change: Change) -> tuple[FileChange, ...]:
    """The changed files that decide how the tests run: conftest.py, pytest's configuration, start-up files, plugins.

    Of pyproject.toml and setup.cfg only pytest's part counts, of Python only what is not a comment. A plugin is a
    module that `pytest_plugins` of a conftest.py or `-p` names, on either side.
    """
    plugins = frozenset(_plugins(repo, change)) if any(f.is_python for f in change.files) else frozenset[str]()
    return tuple(f for f in change.files if _decides(f, plugins) and not _means_the_same(f, repo.read))


def notes(files: Iterable[FileChange]) -> Iterator[Finding]:
    """A note for each such file."""
    for file in files:
        line = min(file.changed_head_lines, default=1)
        yield Finding(
            rule_id="test/configuration-changed",
            category=Category.TEST,
            severity=Severity.NOTE,
            proof=Proof.TOOL,
            location=Location(file.path, line, line, Side.HEAD if file.head_blob else Side.BASE),
            quote="",
            message="the change edits what decides how the tests run; a person should know of it",
            sources=("llm-review",),
        )


def base_version(files: Iterable[FileChange], read: Read) -> dict[str, bytes | None]:
    """What to put in the head's place, by path, for the base's configuration to be in force."""
    found: dict[str, bytes | None] = {}
    for file in files:
        if file.head_blob:
            found[file.path] = None
        if file.base_blob and file.base_mode.startswith("100"):
            found[file.base_path] = read(file.base_blob)
    return found


def _decides(file: FileChange, plugins: Collection[str]) -> bool:
    return any(
        name in WHOLE | SHARED | STARTUP | {"conftest.py"} or name.endswith(".pth") or path in plugins
        for path in (file.path, file.base_path)
        for name in (PurePosixPath(path).name,)
    )


def _means_the_same(file: FileChange, read: Read) -> bool:
    if not file.base_blob or not file.head_blob or file.path != file.base_path:
        return False
    old, new = (read(blob).decode("utf-8", "surrogateescape") for blob in (file.base_blob, file.head_blob))
    name = PurePosixPath(file.path).name
    return _part(name, old) == _part(name, new) if name in SHARED else file.is_python and same_code(old, new)


def _part(name: str, text: str) -> Any:
    """What of a shared file is pytest's; the whole text where it cannot be read."""
    try:
        if name == "pyproject.toml":
            return from_toml(text).get("tool", {}).get("pytest")
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(text)
        return dict(parser["tool:pytest"]) if parser.has_section("tool:pytest") else None
    except (ValueError, configparser.Error, AttributeError):
        return text


def _plugins(repo: Repository, change: Change) -> Iterator[str]:
    """The changed Python files whose module is named as a plugin, by a conftest.py or the configuration."""
    names: set[str] = set()
    trees = {entry for tree in (change.base, change.head) for entry in repo.list_tree(tree)}
    for blob, name in {(blob, PurePosixPath(path).name) for mode, blob, path in trees if mode.startswith("100")}:
        if name == "conftest.py":
            names.update(_declared(repo.read(blob)))
        elif name in WHOLE | SHARED:
            names.update(NAMED_PLUGIN.findall(repo.read(blob).decode("utf-8", "replace")))
    ends = tuple(f"/{name.replace('.', '/')}{end}" for name in names for end in (".py", "/__init__.py"))
    for file in change.files:
        yield from (path for path in (file.path, file.base_path) if f"/{path}".endswith(ends))


def _declared(source: bytes) -> Iterator[str]:
    """The words of `pytest_plugins` in a conftest.py."""
    if b"pytest_plugins" not in source:
        return
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in nodes:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(t, ast.Name) and t.id == "pytest_plugins" for t in targets):
            yield from (c.value for c in ast.walk(node) if isinstance(c, ast.Constant) and isinstance(c.value, str))
