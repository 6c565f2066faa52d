"""Which files are tests, by pytest's rules and the project's own."""

from __future__ import annotations

import configparser
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from ..foreign import from_toml

DEFAULT_PATTERNS = ("test_*.py", "*_test.py")
TEST_FOLDERS = frozenset({"test", "tests", "testing"})
INI_SECTIONS = {"pytest.ini": "pytest", ".pytest.ini": "pytest", "tox.ini": "pytest", "setup.cfg": "tool:pytest"}


def is_test_module(path: str, patterns: Sequence[str] = DEFAULT_PATTERNS) -> bool:
    """True when pytest would collect the file."""
    pure = PurePosixPath(path)
    return any(pure.match(p) if "/" in p else fnmatchcase(pure.name, p) for p in patterns) and pure.suffix == ".py"


def serves_tests(path: str, patterns: Sequence[str] = DEFAULT_PATTERNS) -> bool:
    """True for test modules, for conftest.py, and for everything below a folder of tests."""
    pure = PurePosixPath(path)
    in_folder = not TEST_FOLDERS.isdisjoint(pure.parent.parts)
    return in_folder or pure.name == "conftest.py" or is_test_module(path, patterns)


def patterns_from(configs: Mapping[str, str]) -> tuple[str, ...]:
    """The project's `python_files`, from the texts of its configuration by file name, or pytest's defaults.

    Where several files set it, the first in pytest's own order counts. What cannot be parsed sets nothing.
    """
    for name in ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"):
        found = _from_toml(configs[name]) if name == "pyproject.toml" and name in configs else None
        if name in INI_SECTIONS and name in configs:
            found = _from_ini(configs[name], INI_SECTIONS[name])
        if found:
            return found
    return DEFAULT_PATTERNS


def _from_toml(text: str) -> tuple[str, ...]:
    try:
        value: Any = from_toml(text)
    except ValueError:
        return ()
    for key in ("tool", "pytest", "ini_options", "python_files"):
        value = value.get(key) if isinstance(value, dict) else None
    return _words(value)


def _from_ini(text: str, section: str) -> tuple[str, ...]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return ()
    return _words(parser.get(section, "python_files", fallback=""))


def _words(value: object) -> tuple[str, ...]:
    words = value.split() if isinstance(value, str) else value if isinstance(value, list) else ()
    return tuple(str(word) for word in words)
