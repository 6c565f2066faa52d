"""The table of finished runs, one line per tool, suite and mode, and below it by id what went wrong."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from record import Record

NONE = "-"
WEAKNESSES = ("cweval", "securityeval")
HEADS = (
    *("tool", "suite", "mode", "n", "hit", "strict", "precision", "F1", "cwe", "group", "shown"),
    *("blocked", "reproduced", "verified", "fixed", "wrong fix", "incomplete", "errors", "s p50", "s p90", "tokens"),
)
LISTS: dict[str, Callable[[Record], bool]] = {
    "missed": lambda r: not (r.clean or r.error or r.hit),
    "found, but as another group of weaknesses": lambda r: r.suite in WEAKNESSES and r.hit and not r.group,
    "clean, but of the group": lambda r: r.clean and r.group,
    "clean but blocked": lambda r: r.clean and r.blocked,
    'clean but "reproduced"': lambda r: r.clean and r.reproduced,
    "verified but wrong": lambda r: r.wrong_fix,
    "no report": lambda r: bool(r.error),
}


def render(records: Iterable[Record], *, markdown: bool = False) -> str:
    """All of it as text: who ran where, the table, the lists."""
    ordered = sorted(records, key=lambda r: (r.label, r.suite, r.mode))
    rows = [row(list(group)) for _, group in groupby(ordered, key=lambda r: (r.label, r.suite, r.mode))]
    parts = (_provenance(ordered, markdown), _grid(rows, markdown), _lists(ordered, markdown))
    return "\n\n".join(part for part in parts if part)


def row(group: Sequence[Record]) -> list[str]:
    """The numbers of one tool, suite and mode; a number that has no meaning there is a dash."""
    first, clean = group[0], group[0].clean
    reported = [r for r in group if not r.error]
    gradable = [r for r in group if r.gradable]
    counted = sum(r.counted for r in group)
    seconds = [r.seconds for r in group if r.ran]
    return [
        first.label,
        first.suite,
        first.mode,
        str(len(group)),
        NONE if clean else _share(group, lambda r: r.hit),
        NONE if clean else _share(group, lambda r: r.strict),
        NONE if clean or not counted else f"{sum(r.hits for r in group) / counted:.2f}",
        NONE if clean else _f1(sum(r.hit for r in group) / len(group), sum(r.hits for r in group) / max(1, counted)),
        _share(group, lambda r: r.cwe) if first.suite in WEAKNESSES else NONE,
        _share(group, lambda r: r.group) if first.suite in WEAKNESSES else NONE,
        _mean([r.shown for r in reported], 2),
        _share(group, lambda r: r.blocked),
        _share(group, lambda r: r.reproduced),
        _share(group, lambda r: r.verified),
        NONE if clean else _share(gradable, lambda r: r.fixed),
        _share(gradable, lambda r: r.wrong_fix),
        _share(group, lambda r: not (r.error or r.complete)),
        _share(group, lambda r: bool(r.error)),
        _quantile(seconds, 50),
        _quantile(seconds, 90),
        _mean([r.tokens for r in reported], 0),
    ]


def _f1(recall: float, precision: float) -> str:
    """The harmonic mean of the two."""
    return f"{2 * recall * precision / (recall + precision) if recall and precision else 0.0:.2f}"


def _share(group: Sequence[Record], test: Callable[[Record], bool]) -> str:
    return f"{sum(map(test, group)) / len(group):.2f}" if group else NONE


def _mean(values: Sequence[float], digits: int) -> str:
    return f"{statistics.fmean(values):.{digits}f}" if values else NONE


def _quantile(values: Sequence[float], percent: int) -> str:
    if len(values) < 2:
        return f"{values[0]:.1f}" if values else NONE
    return f"{statistics.quantiles(values, n=100, method='inclusive')[percent - 1]:.1f}"


def _provenance(records: Sequence[Record], markdown: bool) -> str:
    lines = []
    for label, group in groupby(records, key=lambda r: r.label):
        mine = list(group)
        facts = {
            "tool": (r.tool for r in mine),
            "command": (" ".join(r.command) for r in mine),
            "model": (f"{r.model} sha256 {r.model_hash or 'unknown'}" for r in mine if r.model),
            "machine": (r.machine for r in mine),
        }
        said = "; ".join(f"{key}: {_distinct(values)}" for key, values in facts.items())
        lines.append(f"- **{label}**: {said}" if markdown else f"{label}: {said}")
    return "\n".join(lines)


def _distinct(values: Iterable[str]) -> str:
    return " | ".join(sorted({value for value in values if value})) or "none"


def _grid(rows: Sequence[Sequence[str]], markdown: bool) -> str:
    widths = [max(len(line[i]) for line in (HEADS, *rows)) for i in range(len(HEADS))]
    lines = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in (HEADS, *rows)]
    if not markdown:
        return "\n".join("  ".join(line).rstrip() for line in lines)
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _lists(records: Sequence[Record], markdown: bool) -> str:
    blocks = []
    for title, test in LISTS.items():
        found = [r for r in records if test(r)]
        head = f"**{title}** ({len(found)})" if markdown else f"{title} ({len(found)})"
        names = [f"{r.label} {r.id} {r.mode}" + (f": {r.error.splitlines()[0]}" if r.error else "") for r in found]
        if markdown:
            blocks.append("\n".join((head, *([""] if names else []), *(f"- {name}" for name in names))))
        else:
            blocks.append("\n  ".join((head, *names)))
    return "\n\n".join(blocks)
