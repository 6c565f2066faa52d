"""Findings that a person has dismissed, and old ones of a baseline: known by their fingerprint, which survives moves.

A change must not dismiss what is found in it. So the file counts as the **base** has it; on a person's own machine also
what they have written into it since and not committed. What came with commits that are under review counts for nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..change.change import Change
from ..change.git import Repository
from ..errors import UsageError
from ..foreign import from_json, from_toml

FILE = ".llm-review-dismissed.toml"
HEADER = "# Findings that were looked at and dismissed. Committed, it counts for everyone once it is in the base.\n"
ID = re.compile(r"^[0-9a-f]{16}$")
HINT = 'each entry is [[dismissed]] with id = "16 hex digits" and because = "why"'


def read_dismissed(text: str) -> dict[str, str]:
    """Why each fingerprint was dismissed. Raises UsageError when the text is not such a file."""
    try:
        entries: Any = from_toml(text).get("dismissed", [])
    except ValueError as error:
        raise UsageError(f"{FILE} is not valid TOML: {error}", HINT) from error
    found: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) else [None]:
        mark, why = (entry.get("id"), entry.get("because")) if isinstance(entry, dict) else (None, None)
        if not isinstance(mark, str) or not ID.match(mark) or not isinstance(why, str) or not why.strip():
            raise UsageError(f"{FILE}: an entry has no proper id or reason: {entry!r}"[:200], HINT)
        found[mark] = why
    return found


def with_entry(text: str, mark: str, why: str) -> str:
    """The file's text with one more entry. Raises UsageError where it is there already, or is no fingerprint."""
    if not ID.match(mark):
        raise UsageError(f"not the id of a finding: {mark!r}", "llm-review diff -v shows it, 16 hex digits")
    if not why.strip():
        raise UsageError("a reason is needed", "--because TEXT says why, for whoever comes next")
    if mark in read_dismissed(text):
        raise UsageError(f"{mark} is dismissed already", f"it is in {FILE}")
    entry = f'[[dismissed]]\nid = "{mark}"\nbecause = {json.dumps(" ".join(why.split()), ensure_ascii=False)}\n'
    return f"{text.rstrip()}\n\n{entry}" if text.strip() else f"{HEADER}\n{entry}"


def dismissed_for(repo: Repository, change: Change, local: bool) -> dict[str, str]:
    """What is dismissed in the review of a change; `local`: a person's own run, whose uncommitted entries count too."""
    known = _in_tree(repo, change.base)
    path = Path(repo.root) / FILE
    if not local or not path.is_file():
        return known
    own = read_dismissed(path.read_text("utf-8"))
    committed = _in_tree(repo, repo.head_tree())
    return known | {mark: why for mark, why in own.items() if mark not in committed}


def _in_tree(repo: Repository, tree: str) -> dict[str, str]:
    """The entries of a tree's file; a broken one must not keep the commit from being made that mends it."""
    blob = repo.blob(tree, FILE)
    try:
        return read_dismissed(repo.read(blob).decode("utf-8", "replace")) if blob else {}
    except UsageError:
        return {}


def baseline_for(repo: Repository, change: Change, name: str) -> dict[str, str]:
    """The findings of an earlier JSON report, which are not shown again. Raises UsageError when it is none.

    A report that is in the repository counts as the base has it.
    """
    if not name:
        return {}
    path = Path(name).absolute()
    inside = path.relative_to(repo.root).as_posix() if path.is_relative_to(repo.root) else ""
    if inside and (blob := repo.blob(change.base, inside)):
        return _reported(repo.read(blob), name)
    if inside and repo.blob(change.head, inside) and repo.blob(repo.head_tree(), inside):
        raise UsageError(f"the baseline {name} came with the change", "a baseline counts when it is in the base")
    try:
        return _reported(path.read_bytes(), name)
    except OSError as error:
        raise UsageError(
            f"cannot read the baseline {name}: {error.strerror}", "llm-review diff --format json=FILE"
        ) from error


def _reported(content: bytes, name: str) -> dict[str, str]:
    try:
        findings: Mapping[str, Any] = from_json(content)
        return {str(one["id"]): f"old: in {name}" for one in findings["findings"]}
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError(f"the baseline {name} is no JSON report", "llm-review diff --format json=FILE") from error
