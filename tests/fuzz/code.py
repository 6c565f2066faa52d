"""Code: cut into units, and read by what reads code."""

from __future__ import annotations

import difflib

from reviewer.change import diff
from reviewer.change.change import Change, FileChange, Hunk, Status, Unit
from reviewer.change.source import Source
from reviewer.change.units import cut
from reviewer.report.edits import edits
from reviewer.tasks.prompt import only_imports, shown
from reviewer.tasks.risk import risk
from reviewer.verify.applied import joined, new_texts
from reviewer.verify.patch import lines_of, refine, same_code, take_back, touching, unified


def counted_as_git_does(base: str, head: str) -> tuple[Hunk, ...]:
    """The hunks between two texts."""
    codes = difflib.SequenceMatcher(None, lines_of(base), lines_of(head), autojunk=False).get_opcodes()
    return tuple(Hunk(a + (b > a), b - a, c + (d > c), d - c) for tag, a, b, c, d in codes if tag != "equal")


def units_of(base: str | None, head: str | None, path: str) -> tuple[Unit, ...]:
    """The units of one changed file."""
    blobs = {
        name: text.encode("utf-8", "surrogateescape") for name, text in (("b", base), ("h", head)) if text is not None
    }
    hunks = counted_as_git_does(base or "", head or "")
    status = Status.ADDED if base is None else Status.DELETED if head is None else Status.MODIFIED
    ids = ("" if base is None else "b", "" if head is None else "h")
    file = FileChange(path, path, status, *ids, "100644", "100644", hunks)
    return cut(Change("/", "1", "2", (file,), ""), blobs.__getitem__)[0]


def check_units(base: str | None, head: str | None, python: bool) -> None:
    """Every changed line of the head is in exactly one unit, and a unit's text is what the file has there."""
    units = units_of(base, head, "a.py" if python else "a.txt")
    lines = Source((head or "").encode("utf-8", "surrogateescape"), python).lines
    changed = [line for unit in units for line in unit.changed]
    assert len(changed) == len(set(changed))
    wanted = {line for hunk in counted_as_git_does(base or "", head or "") for line in hunk.head_lines}
    assert wanted <= set(changed) | {n for n in wanted if n > len(lines)}, (wanted, changed)
    for unit in units:
        if unit.head:
            assert unit.head.text == "\n".join(lines[unit.head.start - 1 : unit.head.end])
        assert isinstance(shown(unit), str)
        assert risk(unit) >= 0
        only_imports(unit)


def check_diff_output(patch: bytes) -> None:
    """Any bytes are read as hunks, or as nothing."""
    for hunks in diff.parsed(patch.splitlines(keepends=True)).values():
        assert all(isinstance(hunk, Hunk) for hunk in hunks)


def check_round_trip(old: str, new: str, third: str) -> None:
    """A patch of ours, read back, is the new text; hunks taken back are the old one."""
    patch = unified("f.py", old, new)
    assert new_texts(patch, {"f.py": old}.__getitem__) == ({"f.py": new} if old != new else None)
    hunks = counted_as_git_does(old, new)
    assert take_back(old, new, hunks) == old
    parts = [part for hunk in hunks for part in refine(old, new, hunk)]
    assert take_back(old, new, parts) == old
    assert all(touching(part) for part in parts)
    assert joined(old, [new]) == new
    joined(old, [new, third])
    same_code(old, new)
    for edit in edits(patch):
        assert edit.start <= edit.end


def check_any_patch(patch: str, text: str) -> None:
    """Whatever is given as a patch is refused, or gives texts."""
    found = new_texts(patch, lambda _: text)
    assert found is None or all(isinstance(new, str) for new in found.values())
    for edit in edits(patch):
        assert edit.start <= edit.end
