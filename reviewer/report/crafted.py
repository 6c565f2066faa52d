"""What was written or run on request, for people and as JSON. Foreign text is made visible; the code itself is not
touched where it goes to a file or a pipe."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from .base import counted
from .sanitise import visible, well_formed

if TYPE_CHECKING:
    from ..craft.document import Documented
    from ..craft.explain import Explained
    from ..craft.generate import Generated
    from ..craft.optimise import Optimised
    from ..craft.running import Execution

VERSION = 1


def as_json(kind: str, value: Generated | Execution, **more: object) -> str:
    """One JSON object: {"version", "kind", ...the value's fields, ...more}."""
    data = {"version": VERSION, "kind": kind, **asdict(value), **more}
    return well_formed(json.dumps(data, ensure_ascii=False, indent=2)) + "\n"


def many_as_json(kind: str, values: Iterable[Optimised | Documented | Explained], **more: object) -> str:
    """One JSON object: {"version", "kind", "results": [...], ...more}; whole texts of files are left out."""
    results = [{k: v for k, v in asdict(value).items() if k != "text"} for value in values]
    data = {"version": VERSION, "kind": kind, "results": results, **more}
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


BARS = " ▁▂▃▄▅▆▇█"


def optimised_lines(result: Optimised) -> Iterator[str]:
    """What was measured of a function's versions, with a small plot of the seconds over growing sizes."""
    name = visible(result.name, lines=False)
    if not result.patch:
        yield f"{name}: nothing faster is shown: {visible(result.reason, lines=False)}"
        return
    yield f"{name}: {result.speedup:.1f} times as fast at size {result.timings[-1].size:,}"
    yield f"  equal answers to {counted(result.compared, 'input')}; {counted(result.tried, 'version')} tried"
    rows = result.timings
    top = max(t.before for t in rows)
    yield f"  before {_bars([t.before for t in rows], top)} {rows[-1].before:.2g} s"
    yield f"  after  {_bars([t.after for t in rows], top)} {rows[-1].after:.2g} s"
    yield f"  sizes {rows[0].size:,} to {rows[-1].size:,}; peak memory {_memory(result)}"
    if result.outside:
        yield f"  NOT equal on other input: {visible(result.outside, lines=False)}"
    yield "  equal on what was tried, not proved equal; the project's tests were not run"


def _bars(values: Iterable[float], top: float) -> str:
    return "".join(BARS[min(8, round(8 * value / top))] if top else BARS[0] for value in values)


def _memory(result: Optimised) -> str:
    last = result.timings[-1]
    return f"{last.memory_before / 1e6:.2f} MB before, {last.memory_after / 1e6:.2f} MB after"


def documented_lines(results: Iterable[Documented]) -> Iterator[str]:
    """What was written and what was not, with the reason."""
    for result in results:
        name = visible(result.name, lines=False)
        if result.docstring:
            shown = f", {counted(result.examples, 'example')} executed" if result.examples else ""
            yield f"{name}: documented{shown}"
        else:
            yield f"{name}: left as it is: {visible(result.reason, lines=False)}"
        if result.unfounded:
            yield f"  left out, for it names what is not there: {visible(', '.join(result.unfounded), lines=False)}"
    yield "the code is the same but for docstrings (compared as syntax trees); types were not inferred"


def explained_lines(result: Explained) -> Iterator[str]:
    """An explanation as a person reads it; the example is marked as executed, the rest is the model's words."""
    yield visible(f"{result.name} (line {result.start_line})", lines=False)
    if result.reason:
        yield f"  not explained: {result.reason}"
        return
    for label, text in (("", result.purpose), *result.parameters, ("returns", result.returns)):
        yield from _labelled(label, text)
    for name, text in result.raises:
        yield from _labelled(f"raises {name}", text)
    yield from _labelled("side effects", result.effects)
    yield from _labelled("complexity", result.complexity)
    for example in result.examples:
        gave = example.value or f"raises {example.raised}"
        yield visible(f"  executed: {example.call} -> {gave}", lines=False)
    if result.unfounded:
        yield visible(f"  left out, for it names what is not there: {', '.join(result.unfounded)}", lines=False)


def _labelled(label: str, text: str) -> Iterator[str]:
    if text:
        yield visible(f"  {label}: {text}" if label else f"  {text}", lines=False)
