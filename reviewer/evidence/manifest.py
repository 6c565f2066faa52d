"""Dependencies and excludes as files of several kinds name them. What cannot be parsed names nothing."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from ..foreign import from_toml

REQUIREMENTS = re.compile(
    r"(?:^|/)(?:requirements|constraints)[^/]*\.(?:txt|in)$|(?:^|/)requirements/[^/]+\.(?:txt|in)$"
)
NAME = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)")
TOML = frozenset({"pyproject.toml", "ruff.toml", ".ruff.toml"})
INI = frozenset({"setup.cfg", "tox.ini", ".flake8", "mypy.ini", ".coveragerc", ".bandit", "pytest.ini"})
EXCLUDING = frozenset(
    {
        *("ignore", "extend-ignore", "exclude", "extend-exclude", "per-file-ignores", "extend-per-file-ignores"),
        *("skips", "exclude_dirs", "omit", "disable", "ignore_errors", "ignore_missing_imports", "exclude_lines"),
        *("exclude_also", "norecursedirs", "collect_ignore", "ignore-paths", "allow-list"),
    }
)


def reads_dependencies(path: str) -> bool:
    """Whether a file of this path names dependencies."""
    return PurePosixPath(path).name in {"pyproject.toml", "setup.cfg"} or REQUIREMENTS.search(path) is not None


def dependencies(path: str, text: str) -> dict[str, str]:
    """The normalised names of the dependencies that a file names, each with the name as written."""
    name = PurePosixPath(path).name
    if name == "pyproject.toml":
        found = list(_of_pyproject(_toml(text)))
    elif name == "setup.cfg":
        found = _of_setup_cfg(_ini(text))
    elif REQUIREMENTS.search(path):
        found = [line for line in text.splitlines() if not line.lstrip().startswith(("-", "#"))]
    else:
        return {}
    written = [match[1] for match in map(NAME.match, found) if match]
    return {re.sub(r"[-_.]+", "-", word).lower(): word for word in written}


def _of_pyproject(data: dict[str, Any]) -> Iterator[str]:
    project, poetry = _table(data, "project"), _table(_table(data, "tool"), "poetry")
    lists = [project.get("dependencies"), _table(data, "build-system").get("requires")]
    lists += [*_table(project, "optional-dependencies").values(), *_table(data, "dependency-groups").values()]
    for entries in lists:
        yield from (entry for entry in entries or [] if isinstance(entry, str))
    tables = [poetry, *(g for g in _table(poetry, "group").values() if isinstance(g, dict))]
    for table in tables:
        yield from (name for name in _table(table, "dependencies") if name != "python")


def _of_setup_cfg(parser: configparser.RawConfigParser) -> list[str]:
    listed = [parser.get("options", key, fallback="") for key in ("install_requires", "setup_requires")]
    if parser.has_section("options.extras_require"):
        listed += [value for _, value in parser.items("options.extras_require")]
    return [line for text in listed for line in text.splitlines()]


def excludes(path: str, text: str) -> frozenset[tuple[str, str]]:
    """What a configuration file tells tools to leave out, as pairs of the key's full name and one value."""
    name = PurePosixPath(path).name
    if name in TOML:
        return frozenset(_excluded(_toml(text), ""))
    if name in INI:
        parser = _ini(text)
        pairs = [(f"{section}.{key}", value) for section in parser.sections() for key, value in parser.items(section)]
        return frozenset((key, word) for key, value in pairs if _excludes(key) for word in _words(value))
    if name == ".gitattributes":
        marks = ("linguist-generated", "linguist-vendored", "-diff", "binary")
        return frozenset((name, line.strip()) for line in text.splitlines() if any(mark in line for mark in marks))
    return frozenset()


def _excluded(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for inner, below in value.items():
            yield from _excluded(below, f"{key}.{inner}".lstrip("."))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for below in value:
            yield from _excluded(below, key)
    elif _excludes(key) and value not in (False, ""):
        yield from ((key, str(word)) for word in (value if isinstance(value, list) else [value]))


def _excludes(key: str) -> bool:
    """Whether one of a key's own words excludes: of `per-file-ignores."a.py"` the part before the last counts too."""
    return any(f".{word}." in f".{key}." for word in EXCLUDING) and "dependencies" not in key


def _words(value: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", value) if word and word.lower() != "false"]


def _toml(text: str) -> dict[str, Any]:
    try:
        return from_toml(text)
    except ValueError:
        return {}


def _ini(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except (configparser.Error, ValueError):
        return configparser.RawConfigParser()
    return parser


def _table(value: dict[str, Any], key: str) -> dict[str, Any]:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}
