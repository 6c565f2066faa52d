"""Reads what ruff prints."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..change.change import Change
from ..review import Skipped
from .remarks import Remark, SourceLines
from .ruff_rules import IO_ERROR, SYNTAX


def parse(data: Any, folder: Path) -> list[Remark]:
    """Ruff's JSON as remarks. Raises KeyError, TypeError or ValueError where it is not what ruff prints."""
    lines = SourceLines(folder)
    return [_remark(entry, folder, lines) for entry in data]


def _remark(entry: dict[str, Any], folder: Path, lines: SourceLines) -> Remark:
    path = Path(entry["filename"]).relative_to(folder).as_posix()
    start, end = int(entry["location"]["row"]), int(entry["end_location"]["row"])
    if entry["end_location"]["column"] == 1 and end > start:
        end -= 1
    return Remark(path, entry["code"] or SYNTAX, start, end, lines.line(path, start), str(entry["message"]))


def lint(remarks: Iterable[Remark]) -> list[Remark]:
    """The remarks that rules made, without what kept ruff from reading a file."""
    return [r for r in remarks if r.rule not in {SYNTAX, IO_ERROR}]


def syntax(
    change: Change, before: Iterable[Remark], after: Iterable[Remark]
) -> tuple[list[Remark], tuple[Skipped, ...]]:
    """The first syntax error of each file that parsed before, and the files that no rule could look at."""
    unparsed = {r.path for r in before if r.rule in {SYNTAX, IO_ERROR}}
    broken: dict[str, Remark] = {}
    names = (f.path for f in change.files if f.is_python and f.head_blob)
    skipped = [Skipped(f"ruff: {name}", "its name is not UTF-8") for name in names if not _is_text(name)]
    for remark in after:
        file = change.file(remark.path)
        if remark.rule == IO_ERROR:
            skipped.append(Skipped(f"ruff: {remark.path}", remark.message))
        elif remark.rule == SYNTAX and file and remark.path not in broken:
            if file.base_path in unparsed:
                skipped.append(Skipped(f"ruff: {remark.path}", "it did not parse before the change and does not now"))
            broken[remark.path] = remark
    new = [r for r in broken.values() if (f := change.file(r.path)) and f.base_path not in unparsed]
    return new, tuple(skipped)


def _is_text(path: str) -> bool:
    return path.encode("utf-8", "surrogateescape") == path.encode("utf-8", "replace")
