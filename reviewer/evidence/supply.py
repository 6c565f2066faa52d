"""New dependencies, new actions, and what tools are newly told to leave out.

Read as data from pyproject.toml, requirements files, setup.cfg, workflows and the tools' own configuration, on both
sides. Each is a note: nothing is wrong with it by itself, but a person should know of it. An index or a URL that takes
a package from elsewhere, and an action that loses its pin, are warnings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..change.change import Change, FileChange
from ..finding import Category, Finding, Location, Proof, Severity
from .base import Evidence, Sides, Units
from .manifest import dependencies, excludes, reads_dependencies
from .remarks import split_lines

WORKFLOW = re.compile(r"(?:^|/)(?:\.github/workflows/[^/]+\.ya?ml|action\.ya?ml)$")
USES = re.compile(r"^\s*(?:-\s*)?uses:\s*[\"']?(?P<action>[\w.-]+/[\w./-]+)@(?P<ref>[^\s\"'#]+)")
COMMIT = re.compile(r"^[0-9a-f]{40}$")
ELSEWHERE = re.compile(
    r"^\s*(?:--(?:extra-)?index-url|-i|--find-links|-f|--trusted-host)\b|\bgit\+|@\s*(?:https?|file):"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a line: the rule's slug, the message, and how bad it is."""

    slug: str
    message: str
    severity: Severity
    needle: str


class Supply:
    """The collector."""

    name = "supply"

    def __init__(self, read: Callable[[str], bytes]) -> None:
        """`read` gives a blob's bytes."""
        self._read = read

    def collect(self, change: Change, sides: Sides, units: Units) -> Evidence:  # noqa: ARG002 - the Protocol
        """Look at the changed manifests, workflows and configuration files."""
        found = [f for file in change.files if file.hunks and file.head_blob for f in self._file(file)]
        return Evidence(tuple(found))

    def _file(self, file: FileChange) -> Iterator[Finding]:
        head = self._read(file.head_blob).decode("utf-8", "replace")
        base = self._read(file.base_blob).decode("utf-8", "replace") if file.base_blob else ""
        lines = split_lines(head)
        added = sorted(n for hunk in file.hunks for n in hunk.head_lines if n <= len(lines))
        said = [*_dependencies(file.path, base, head), *_excludes(file.path, base, head)]
        for one in said:
            number = next((n for n in added if one.needle in lines[n - 1]), added[0] if added else 1)
            yield _finding(file.path, number, lines, one)
        for number in added:
            yield from (_finding(file.path, number, lines, one) for one in _line(file.path, base, lines[number - 1]))


def _dependencies(path: str, base: str, head: str) -> Iterator[Said]:
    old, new = dependencies(path, base), dependencies(path, head)
    for name in new.keys() - old.keys():
        message = (
            f"`{name}` is a new dependency: what it is, who keeps it and under which licence is for a person to see"
        )
        yield Said("new-dependency", message, Severity.NOTE, new[name])


def _excludes(path: str, base: str, head: str) -> Iterator[Said]:
    old = excludes(path, base)
    for key, value in sorted(excludes(path, head) - old):
        message = f"tools are told to leave out more: `{value}` is new in `{key}`"
        yield Said("new-exclude", message, Severity.NOTE, value)


def _line(path: str, base: str, line: str) -> Iterator[Said]:
    if WORKFLOW.search(path):
        yield from _action(base, line)
    elif reads_dependencies(path) and ELSEWHERE.search(line) and line.strip() not in base:
        yield Said(
            "package-from-elsewhere", "a package is taken from another place than the index", Severity.WARNING, ""
        )


def _action(base: str, line: str) -> Iterator[Said]:
    match = USES.match(line)
    if match is None:
        return
    action, pinned = match["action"], COMMIT.match(match["ref"]) is not None
    before = _actions(base)
    if action not in before and pinned and action.startswith("actions/"):
        return  # GitHub's own
    if action not in before:
        loose = (
            "" if pinned else f"; it is not pinned by its commit, so who owns it can change what `{match['ref']}` runs"
        )
        yield Said("new-action", f"`{action}` is a new action{loose}", Severity.NOTE, action)
    elif not pinned and all(map(COMMIT.match, before[action])):
        message = f"`{action}` was pinned by its commit and is not any more (CWE-829)"
        yield Said("action-unpinned", message, Severity.WARNING, action)


def _actions(text: str) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for match in filter(None, map(USES.match, split_lines(text))):
        found.setdefault(match["action"], []).append(match["ref"])
    return found


def _finding(path: str, number: int, lines: Sequence[str], said: Said) -> Finding:
    category = Category.STYLE if said.slug == "new-exclude" else Category.SECURITY
    return Finding(
        rule_id=f"{category}/{said.slug}",
        category=category,
        severity=said.severity,
        proof=Proof.TOOL,
        location=Location(path, number, number),
        quote=lines[number - 1].strip()[:300] if lines else "",
        message=said.message,
        sources=("llm-review",),
    )
