"""What was written or run on request, for people and as JSON. Foreign text is made visible; the code itself is not
touched where it goes to a file or a pipe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from .base import counted
from .sanitise import visible, well_formed

if TYPE_CHECKING:
    from ..craft.generate import Generated
    from ..craft.running import Execution

VERSION = 1


def as_json(kind: str, value: Generated | Execution, **more: object) -> str:
    """One JSON object: {"version", "kind", ...the value's fields, ...more}."""
    data = {"version": VERSION, "kind": kind, **asdict(value), **more}
    return well_formed(json.dumps(data, ensure_ascii=False, indent=2)) + "\n"


def generated_lines(result: Generated) -> Iterator[str]:
    """What was checked of generated code, and what was not, line by line."""
    yield "checked" if result.checked else "NOT CHECKED: " + _doubt(result)
    yield f"  {result.agreed} of {counted(result.samples, 'version')} that the model wrote answer alike"
    if result.examples:
        yield f"  {result.examples_held} of {counted(result.examples, 'example')} hold"
    yield f"  {result.held} of {counted(result.asserted, 'assertion')} that the model wrote from the description hold"
    yield from (f"    {visible(test, lines=False)}" for test in result.tests)
    yield from (f"  tool: {visible(remark, lines=False)}" for remark in result.remarks)
    yield from (f"  not checked: {visible(what, lines=False)}" for what in result.unchecked)


def _doubt(result: Generated) -> str:
    if result.examples_held < result.examples:
        return "no version meets every example"
    if result.agreed * 2 <= result.samples:
        return "the versions disagree"
    return "too few assertions hold" if result.samples > 1 else "there is one version only, nothing to compare it with"


def execution_lines(result: Execution) -> Iterator[str]:
    """How a script ended, apart from its own output."""
    if result.value:
        yield f"value: {visible(result.value, lines=False)}"
    how = {"exit": f"exit code {result.exit_code}", "time limit": "stopped at the time limit"}
    place = f" (line {result.line})" if result.line else ""
    ended = visible(result.raised, lines=False) + place if result.raised else how.get(result.ended, result.ended)
    yield f"ended: {ended}, after {result.seconds:.1f} s"
    if result.clipped:
        yield "its output was cut: it was too long"
    if result.imports:
        yield f"imports besides Python's own: {', '.join(result.imports)}"
    if result.why:
        yield f"why (the model's words): {visible(result.why, lines=False)}"
    if result.repair_note:
        yield f"correction: {visible(result.repair_note, lines=False)}"
