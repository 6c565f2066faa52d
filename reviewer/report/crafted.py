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
    from ..craft.into import Inserted
    from ..craft.optimise import Optimised
    from ..craft.running import Execution
    from ..craft.tests_for import Tested

VERSION = 1


def as_json(kind: str, value: Generated | Execution | Inserted | Tested, **more: object) -> str:
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


def inserted_lines(result: Inserted) -> Iterator[str]:
    """What was checked of a function that was written into a file."""
    yield from generated_lines(result.generated)
    if result.broken:
        what = visible(result.broken[0] or "all tests", lines=False)
        yield f"  BREAKS {counted(len(result.broken), 'test')} of the project: {what}"
    else:
        yield f"  {counted(result.tests, 'test')} of the project pass with it, and none that passed fails"


def tested_lines(result: Tested) -> Iterator[str]:
    """What a written test was shown to notice, and what it does not."""
    what = f"{counted(result.tests, 'test')}, {counted(result.assertions, 'assertion')}"
    yield f"{visible(result.name, lines=False)}: {what}; pass as the code stands, fail when it is made to raise"
    yield f"  {result.killed} of {counted(result.mutants, 'mutant')} noticed"
    yield from (f"    not noticed: {visible(what, lines=False)}" for what in result.survivors)
    yield f"  the best of {counted(result.usable, 'module')} that could be used; {result.samples} were written"
    if result.dropped:
        yield "  the model expected what the code does not do; left out (look whether the code is wrong):"
        yield from (f"    {visible(what, lines=False)}" for what in result.dropped)
    if result.already:
        yield f"  {counted(result.already, 'test')} of the project ran it already"
    yield "  it tells what the code does now; whether that is right was not checked"


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


def optimised_lines(result: Optimised, *, plots: bool = True) -> Iterator[str]:
    """What was measured of a function's versions, with small plots of seconds and bytes over growing sizes."""
    name, clearer = visible(result.name, lines=False), result.aim == "clearer"
    if not result.patch:
        yield f"{name}: nothing {result.aim} is shown: {visible(result.reason, lines=False)}"
        return
    size = f" at size {result.timings[-1].size:,}" if result.timings else ""
    yield f"{name}: {_shapes(result)}" if clearer else f"{name}: {result.speedup:.1f} times as fast{size}"
    sources = ", ".join(f"{number:,} {source}" for source, number in result.inputs.items())
    yield f"  equal answers to {counted(result.compared, 'input')} ({sources})"
    yield f"  {_tests(result)}; {counted(result.tried, 'version')} tried"
    if result.timings:
        yield from _measured(result, plots)
    if result.outside:
        yield f"  NOT equal on other input: {visible(result.outside, lines=False)}"
    yield "  equal on what was tried, not proved equal" + ("; not measured for speed as a gain" if clearer else "")


def _shapes(result: Optimised) -> str:
    before, after = result.shape_before, result.shape_after
    if before is None or after is None:
        return "clearer"
    return f"{before.lines} lines become {after.lines}, complexity {before.complexity} becomes {after.complexity}"


def _tests(result: Optimised) -> str:
    said = result.tests
    if said.why:
        return f"the project's tests say nothing: {visible(said.why, lines=False)}"
    if said.passed == 1:
        return "the one test of the project that runs it passes with it"
    return f"{said.passed} tests of the project that run it pass with it"


def _measured(result: Optimised, plots: bool) -> Iterator[str]:
    rows, last = result.timings, result.timings[-1]
    if plots:
        for label, before, after in (
            ("seconds", [t.before for t in rows], [t.after for t in rows]),
            ("memory ", [t.memory_before for t in rows], [t.memory_after for t in rows]),
        ):
            top = max(*before, *after)
            yield f"  {label} before {_bars(before, top)}"
            yield f"  {label} after  {_bars(after, top)}"
    yield f"  {last.before:.2g} s before, {last.after:.2g} s after; sizes {rows[0].size:,} to {last.size:,}"
    memory = f"{last.memory_before / 1e6:.2f} MB before, {last.memory_after / 1e6:.2f} MB after"
    yield f"  peak memory {memory}; measured on ({visible(last.input, lines=False)})"


def _bars(values: Iterable[float], top: float) -> str:
    return "".join(BARS[min(8, round(8 * value / top))] if top else BARS[0] for value in values)


def documented_lines(results: Iterable[Documented], *, types: bool = False) -> Iterator[str]:
    """What was written and what was not, with the reason."""
    for result in results:
        name = visible(result.name, lines=False)
        if result.docstring:
            shown = f", {counted(result.examples, 'example')} executed" if result.examples else ""
            yield f"{name}: documented{shown}"
        else:
            yield f"{name}: no docstring: {visible(result.reason, lines=False)}"
        if result.types:
            listed = ", ".join(f"{n}: {t}" for n, t in result.types)
            yield visible(f"  types: {listed} ({result.types_by})", lines=False)
        elif result.types_by:
            yield visible(f"  no types: {result.types_by}", lines=False)
        if result.unfounded:
            yield f"  left out, for it names what is not there: {visible(', '.join(result.unfounded), lines=False)}"
    more = "docstrings and annotations" if types else "docstrings"
    yield f"the code is the same but for {more} (compared as syntax trees)"
    if types:
        yield "types are those of the values that were seen: the code may take others"


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
    yield from _labelled("complexity (the model's guess, not measured)", result.complexity)
    for example in result.examples:
        gave = example.value or f"raises {example.raised}"
        yield visible(f"  executed: {example.call} -> {gave}", lines=False)
    if result.unfounded:
        yield visible(f"  left out, for it names what is not there: {', '.join(result.unfounded)}", lines=False)


def _labelled(label: str, text: str) -> Iterator[str]:
    if text:
        yield visible(f"  {label}: {text}" if label else f"  {text}", lines=False)
