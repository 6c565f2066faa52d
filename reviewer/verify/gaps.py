"""Failures that say something of the environment and nothing of the change: what is not installed proves no bug."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from .compare import Failure

MODULE = re.compile(r"No module named '([\w.]+)'")
FIXTURE = re.compile(r"fixture '(\w+)' not found")
CODE = frozenset({".py", ".pyi", ".pyx", ".so", ".pyd", ".c", ".rs"})


def module_names(paths: Iterable[str]) -> frozenset[str]:
    """Every name under which something in a tree might be imported: files without their ends, and folders."""
    found: set[str] = set()
    for path in map(PurePosixPath, paths):
        if path.suffix in CODE:
            found.update(part.split(".")[0] for part in path.parts)
    return frozenset(found)


def environment_gap(failure: Failure, own: Collection[str]) -> str:
    """What the interpreter lacks for this failure's tests, in words; "" when the failure is the code's.

    `own` are the `module_names` of both trees: a module that is, or was, the project's own is no gap. What has no run
    on the base to compare with may also lack a fixture, or a module that the project's build makes.
    """
    text = f"{failure.outcome.message}\n{failure.outcome.text}"
    if failure.outcome.exception in {"ModuleNotFoundError", "ImportError", ""} and (found := MODULE.findall(text)):
        top, _, rest = found[-1].partition(".")
        lost = top not in own or (failure.base == "absent" and bool(rest) and rest.rpartition(".")[2] not in own)
        return f"needs the module {found[-1]}, which is not installed here" if lost else ""
    fixture = FIXTURE.search(text)
    if fixture and failure.base == "absent":
        return f"needs the fixture {fixture.group(1)}, which no installed plugin has"
    return ""
