"""What a tool said of a line, and which of it the change brought in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..change.change import Change, FileChange, Unit
from ..finding import Category, Finding, Location, Proof, Severity

NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Remark:
    """One report of a tool; `path` is relative to the side's folder, `text` is the stripped line where it starts."""

    path: str
    rule: str
    start_line: int
    end_line: int
    text: str
    message: str
    level: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class SourceLines:
    """The lines of the files below a folder, read once each."""

    root: Path
    _read: dict[str, list[str]] = field(default_factory=dict)

    def line(self, path: str, number: int) -> str:
        """A line (1-based) without the white space round it; "" where there is none."""
        if path not in self._read:
            content = (self.root / path).read_bytes() if (self.root / path).is_file() else b""
            self._read[path] = split_lines(content.decode("utf-8", "surrogateescape"))
        lines = self._read[path]
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def split_lines(text: str) -> list[str]:
    """Lines as Python's own tokeniser counts them (a form feed does not end a line, as it does for `splitlines`)."""
    return re.split(r"\r\n|\r|\n", text)


def brought_in(
    change: Change, base: Iterable[Remark], head: Iterable[Remark], at_a_distance: Collection[str] = ()
) -> tuple[Remark, ...]:
    """The head's remarks that the change is to blame for: on a changed line, and not said of the same text before.

    A remark is the same when rule, message (but for numbers) and source line agree, as often as the base has it: first
    in the same file, then in any file of the change, so that moved code brings in nothing. Rules in `at_a_distance` are
    consequences of changes elsewhere in the file (a name that is no longer defined) and count on any line.
    """
    before, by_file = _by_head_path(change, base), _grouped(head)
    fresh: list[tuple[Remark, bool]] = []
    left: Counter[tuple[str, ...]] = Counter()
    for file in change.files:
        pool = Counter(map(_key, before.get(file.path, ())))
        for remark, touched in _unchanged_first(by_file.get(file.path, ()), file):
            if pool[_key(remark)]:
                pool[_key(remark)] -= 1
            else:
                fresh.append((remark, touched))
        left += pool
    return tuple(_blamed(fresh, left, frozenset(at_a_distance)))


def _blamed(
    fresh: Iterable[tuple[Remark, bool]], left: Counter[tuple[str, ...]], at_a_distance: frozenset[str]
) -> Iterable[Remark]:
    for remark, touched in fresh:
        if remark.rule in at_a_distance:
            yield remark
        elif touched and left[_key(remark)]:
            left[_key(remark)] -= 1
        elif touched:
            yield remark


def _key(remark: Remark) -> tuple[str, ...]:
    return remark.rule, NUMBER.sub("", remark.message), remark.text


def _grouped(remarks: Iterable[Remark]) -> dict[str, list[Remark]]:
    grouped: dict[str, list[Remark]] = {}
    for remark in remarks:
        grouped.setdefault(remark.path, []).append(remark)
    return grouped


def _by_head_path(change: Change, base: Iterable[Remark]) -> dict[str, list[Remark]]:
    by_base_path = _grouped(base)
    return {file.path: by_base_path.get(file.base_path, []) for file in change.files}


def _unchanged_first(remarks: Sequence[Remark], file: FileChange) -> list[tuple[Remark, bool]]:
    """With whether each touches a changed line; those that do not come first, so that they use up the base's."""
    changed = file.changed_head_lines
    pairs = [(remark, _touches(remark, changed)) for remark in remarks]
    return sorted(pairs, key=lambda pair: (pair[1], pair[0].start_line))


def touches(remark: Remark, change: Change) -> bool:
    """Whether a remark on the head is on a line that the change is to blame for."""
    file = change.file(remark.path)
    return file is not None and _touches(remark, file.changed_head_lines)


def _touches(remark: Remark, changed: frozenset[int]) -> bool:
    return not changed.isdisjoint(range(remark.start_line, remark.end_line + 1))


def enclosing(units: Iterable[Unit], path: str, line: int) -> str:
    """The qualified name of the innermost unit of the head round a line, or ""."""
    around = [u for u in units if u.path == path and u.head and u.head.start <= line <= u.head.end]
    return min(around, key=lambda u: u.head.end - u.head.start if u.head else 0).name if around else ""


def finding(remark: Remark, tool: str, category: Category, severity: Severity, units: Iterable[Unit]) -> Finding:
    """A tool's remark as a finding."""
    return Finding(
        rule_id=f"{tool}/{remark.rule}",
        category=category,
        severity=severity,
        proof=Proof.TOOL,
        location=Location(remark.path, remark.start_line, max(remark.start_line, remark.end_line)),
        quote=remark.text,
        message=" ".join(remark.message.split()),
        sources=(tool,),
        unit=enclosing(tuple(units), remark.path, remark.start_line),
        confidence=remark.confidence,
    )
