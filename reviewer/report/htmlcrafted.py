"""What was made of a file as a page: the diff, and for each definition what was measured, with a plot."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from ..craft.contest import Timing
from ..craft.document import Documented
from ..craft.optimise import Optimised
from .base import counted
from .crafted import documented_lines, optimised_lines
from .htmlpage import document
from .htmltag import Html, el, join

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 560, 240, 74, 34, 14


def page(kind: str, results: Sequence[Optimised] | Sequence[Documented], patch: str) -> str:
    """The results for one file as an HTML document."""
    changed = [r.name for r in results if (r.patch if isinstance(r, Optimised) else r.docstring or r.types)]
    title = f"{counted(len(changed), 'definition')} of {len(results)} {kind}"
    parts = [_optimised(r) for r in results if isinstance(r, Optimised)]
    documented = [r for r in results if isinstance(r, Documented)]
    if documented:
        lines = [el("li", line.strip()) for line in documented_lines(documented)]
        parts.append(el("section", el("h2", "What was written"), el("ul", *lines)))
    if patch:
        parts.append(el("section", el("h2", "The change"), _diff(patch)))
    top = el("header", el("h1", "llm-review"), el("p", title, class_="answer"))
    return document(f"llm-review: {title}", top, el("main", *parts, id="main"))


def _optimised(result: Optimised) -> Html:
    first, *rest = optimised_lines(result, plots=False)
    said = el("ul", *(el("li", line.strip()) for line in rest)) if rest else Html("")
    parts = [el("h2", result.name), el("p", first), said]
    if len(result.timings) > 1:
        parts += [
            _plot(result.timings, "Seconds", lambda t: (t.before, t.after), "{:.2g} s"),
            _plot(result.timings, "Peak memory", lambda t: (t.memory_before, t.memory_after), "{:,.0f} B"),
            el("details", el("summary", "What was measured"), _table(result.timings)),
        ]
    return el("section", *parts)


def _table(rows: Sequence[Timing]) -> Html:
    names = ("size", "input", "s before", "s after", "bytes before", "bytes after")
    head = el("thead", el("tr", *(el("th", name, scope="col") for name in names)))
    lines = (
        (f"{t.size:,}", t.input, f"{t.before:.3g}", f"{t.after:.3g}", f"{t.memory_before:,}", f"{t.memory_after:,}")
        for t in rows
    )
    return el("table", head, el("tbody", *(el("tr", *(el("td", cell) for cell in line)) for line in lines)))


def _plot(rows: Sequence[Timing], what: str, values: Callable[[Timing], tuple[float, float]], form: str) -> Html:
    """Both versions over the size, both axes in logarithms; a screen reader has the last values instead."""
    pairs = [values(t) for t in rows]
    known = [v for pair in pairs for v in pair if v > 0]
    if not known:
        return Html("")
    across = _scale([t.size for t in rows], LEFT, WIDTH - 12)
    up = _scale(known, HEIGHT - BOTTOM, TOP)
    places = [(f"{across(t.size):.1f}", [f"{up(v):.1f}" for v in p]) for t, p in zip(rows, pairs, strict=True)]
    lines = [
        el("polyline", points=" ".join(f"{x},{ys[side]}" for x, ys in places), class_=name)
        for side, name in enumerate(("before", "after"))
    ]
    last = ", ".join(f"{name} {form.format(v)}" for name, v in zip(("before", "after"), pairs[-1], strict=True))
    label = f"{what} at size {rows[-1].size:,}: {last}"
    inside = join([*_axes(rows, known, form), *lines])
    figure = el("svg", inside, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=label, class_="plot")
    return el("figure", el("figcaption", f"{label}. Dashed is before; both axes are logarithmic."), figure)


def _axes(rows: Sequence[Timing], known: Sequence[float], form: str) -> Iterator[Html]:
    floor = HEIGHT - BOTTOM
    yield el("path", d=f"M{LEFT} {TOP}V{floor}H{WIDTH - 12}", class_="axis")
    for value, y in ((max(known), TOP + 8), (min(known), floor)):
        yield el("text", form.format(value), x=str(LEFT - 6), y=str(y), class_="end")
    yield el("text", f"{rows[0].size:,}", x=str(LEFT), y=str(floor + 18))
    yield el("text", f"size {rows[-1].size:,}", x=str(WIDTH - 12), y=str(floor + 18), class_="end")


def _scale(values: Sequence[float], low: float, high: float) -> Callable[[float], float]:
    """From a value to its place; what is zero or less lies at the low end."""
    least, most = math.log(min(values)), math.log(max(values))
    span = most - least or 1.0
    return lambda v: low + (high - low) * max(0.0, (math.log(v) - least) / span) if v > 0 else low


def _diff(patch: str) -> Html:
    kinds = {"+": "ins", "-": "del"}
    lines = (
        el(kinds.get(line[:1], "span") if not line.startswith(("+++", "---")) else "span", line or " ")
        for line in patch.rstrip("\n").split("\n")
    )
    return el("pre", *lines, class_="patch")
