"""The parts of the page apart from code: a finding, the walkthrough, the tests, what was not done, the receipt."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping

from ..finding import Counts, Finding, Proof, Reproducer, Side, Suggestion, Verdict
from ..review import CommandRun, Explanation, Receipt, Review, TestReport
from .base import counted, proof_words, verdict_words
from .htmlcode import coloured
from .htmltag import Html, el, join, prose
from .sanitise import visible

OUTPUT = 8_000
PROOFS = {Proof.REPRODUCED: "reproduced", Proof.TOOL: "by a tool", Proof.MODEL: "opinion"}
CANARY = {
    "caught": "They do execute the changed code.",
    "missed": "They prove nothing: none noticed when the changed code was made to raise.",
}


def article(finding: Finding, mark: str) -> Html:
    """A finding with all that is known of it; `mark` is what a link to it ends in."""
    place = finding.location
    before = " before the change" if place.side is Side.BASE else ""
    where = f"{place.path}:{place.start_line}{before}"
    parts: list[Html | str] = [
        el("h3", *_badges(finding), " ", el("a", where, href=f"#f-{mark}"), " ", el("code", finding.rule_id)),
        el("p", prose(finding.message), " ", el("span", f"({proof_words(finding)})", class_="dim")),
    ]
    if finding.explanation:
        parts.append(el("p", prose(finding.explanation)))
    if finding.reproducer:
        parts.append(_reproducer(finding.reproducer))
    if finding.suggestion:
        parts.append(_suggestion(finding.suggestion))
    return el("article", *parts, **_marked(finding), class_="finding", id=f"f-{mark}", tabindex="-1")


def quoted(finding: Finding, mark: str) -> Html:
    """A finding whose line is not among those that are shown."""
    quote = finding.quote.strip("\n")
    return join([_block(quote, finding.location.path) if quote.strip() else "", article(finding, mark)])


def row(finding: Finding, mark: str) -> Html:
    """A line of the list of findings."""
    place = finding.location
    link = el("a", f"{place.path}:{place.start_line}", href=f"#f-{mark}")
    return el("li", *_badges(finding), " ", link, " ", prose(finding.message), **_marked(finding))


def _marked(finding: Finding) -> Mapping[str, str]:
    return {"data_severity": finding.severity.value, "data_proof": finding.proof.value}


def _badges(finding: Finding) -> Iterator[Html | str]:
    yield el("span", finding.severity.value, class_=f"badge {finding.severity.value}")
    yield " "
    yield el("span", PROOFS[finding.proof], class_=f"badge {finding.proof.value}")
    if finding.blocking:
        yield " "
        yield el("span", "blocks", class_="badge blocks")


def _reproducer(reproducer: Reproducer) -> Html:
    parts = [el("pre", el("code", reproducer.command))]
    if reproducer.code.strip():
        parts.append(_block(reproducer.code, "test.py"))
    if reproducer.output.strip():
        cut = len(reproducer.output) > OUTPUT
        parts.append(el("pre", "... " if cut else "", reproducer.output[-OUTPUT:].strip("\n"), class_="output"))
    return el("details", el("summary", f"See it: {reproducer.base} before, {reproducer.head} after"), *parts)


def _suggestion(suggestion: Suggestion) -> Html:
    good = suggestion.verdict in {Verdict.VERIFIED, Verdict.PASSES}
    verdict = el("span", verdict_words(suggestion), class_="good" if good else "dim")
    words = el("p", el("strong", "Fix: "), prose(suggestion.description), " ", "(", verdict, ")")
    if suggestion.speedup:
        words = join([words, _timing(suggestion.speedup)])
    if not suggestion.patch.strip() or suggestion.verdict is Verdict.REFUTED:
        return words
    patch = el("pre", *map(_patched, visible(suggestion.patch).strip("\n").split("\n")), class_="patch")
    return join([words, el("details", el("summary", "The patch"), patch, open=good)])


def _timing(speedup: float) -> Html:
    """What was measured, as two bars of one scale; the longer time is the whole."""
    times = {"as it is": 1.0, "with the fix": 1 / speedup}
    longest = max(times.values())
    rows = (
        el(
            "tr",
            el("th", name, scope="row"),
            el("td", f"{time / longest:.1%}"),
            el(
                "td", el("meter", value=f"{time / longest:.4f}", aria_label=f"{name}: {time / longest:.1%} of the time")
            ),
        )
        for name, time in times.items()
    )
    return el("table", el("caption", "Measured time"), el("tbody", *rows), class_="timing")


def _patched(line: str) -> Html:
    tag = {"+": "ins", "-": "del"}.get(line[:1], "span")
    return el("span" if line.startswith(("+++", "---")) else tag, line or " ")


def _block(code: str, path: str) -> Html:
    lines = visible(code).strip("\n").split("\n")
    return el("pre", el("code", join(part for line in coloured(lines, path) for part in (line, "\n"))))


def walkthrough(review: Review, places: Mapping[str, str]) -> Html | None:
    """What the change does, step by step; `places` gives the page's ids of files."""
    if not review.summary and not review.explanations:
        return None
    steps = [el("li", *_step(one, places)) for one in review.explanations]
    parts = [el("h2", "What the change does"), *([el("p", prose(review.summary))] if review.summary else [])]
    return el("section", *parts, *([el("ol", *steps)] if steps else []), id="walkthrough")


def _step(one: Explanation, places: Mapping[str, str]) -> Iterator[Html | str]:
    label = el("code", "::".join(filter(None, (one.path, one.name))))
    if one.path:
        yield el("a", label, href=f"#{places[one.path]}") if one.path in places else label
        yield ": "
    yield prose(" ".join(one.told.split()))


def tests(report: TestReport) -> Html | None:
    """The tests before and after."""
    if not report.selected and report.head is None:
        return None
    names = ("", "pass", "fail", "skipped")
    head = el("thead", el("tr", *(el("th", name, scope="col") if name else el("td") for name in names)))
    sides = el("tbody", _counts("before", report.base), _counts("after", report.head))
    listed = el("details", el("summary", counted(len(report.selected), "test")), _items(report.selected))
    words = [el("p", CANARY[report.canary])] if report.canary in CANARY else []
    parts = (el("h2", "Tests"), el("table", head, sides), *words, *([listed] if report.selected else []))
    return el("section", *parts, id="tests")


def _counts(name: str, counts: Counts | None) -> Html:
    label = el("th", name, scope="row")
    if counts is None:
        return el("tr", label, el("td", "not run", colspan="3"))
    numbers = (counts.passed, counts.failed, counts.skipped)
    return el("tr", label, *(el("td", f"{number:,}") for number in numbers))


def not_done(review: Review) -> Html | None:
    """What was left out, the harmful first."""
    if not review.skipped:
        return None
    skipped = sorted(review.skipped, key=lambda s: s.harmless)
    items = [el("li", el("code", s.what), ": ", prose(s.reason), class_="dim" if s.harmless else "") for s in skipped]
    return el("section", el("h2", "Not done"), el("ul", *items), id="not-done")


def receipt(review: Review) -> Html:
    """What was done, with which means, and how long it took."""
    done = review.receipt
    facts = el("dl", *(part for name, value in _facts(review) for part in (el("dt", name), el("dd", value))))
    parts = [facts, *_stages(done)]
    for title, listed in (("file", done.files), ("unit", done.units)):
        if listed:
            parts.append(el("details", el("summary", counted(len(listed), title)), _items(listed)))
    if done.commands:
        commands = el("ul", *map(_command, done.commands))
        parts.append(el("details", el("summary", counted(len(done.commands), "command")), commands))
    return el("section", el("h2", "Receipt"), *parts, id="receipt")


def _facts(review: Review) -> Iterator[tuple[str, str]]:
    done = review.receipt
    yield "trees", f"{review.base[:10]} → {review.head[:10]}"
    yield "time", f"{done.seconds:.1f} s"
    yield "model", _model(done)
    if done.interpreter:
        yield "interpreter", done.interpreter
    if done.rejected:
        yield "rejected claims", ", ".join(f"{why} {number}" for why, number in done.rejected.items())
    yield from (("isolation: " + name, value) for name, value in done.isolation.items())


def _model(done: Receipt) -> str:
    if done.model is None:
        return "none was used"
    where = "remote: code left the machine" if done.model.remote else "on the machine that ran it"
    digest = f", sha256 {done.model.sha256[:12]}" if done.model.sha256 else ""
    tokens = f"{done.usage.prompt:,} tokens read ({done.usage.cached:,} cached), {done.usage.completion:,} written"
    return f"{done.model.name} ({done.model.provider}, {where}{digest}); {tokens}"


def _stages(done: Receipt) -> Iterator[Html]:
    """How long each stage took, as bars."""
    if not done.stages:
        return
    longest = f"{max(done.stages.values()) or 1:.3f}"
    rows = (
        el(
            "tr",
            el("th", name, scope="row"),
            el("td", f"{seconds:.2f} s"),
            el("td", el("meter", min="0", max=longest, value=f"{seconds:.3f}", aria_label=f"{name}: {seconds:.2f} s")),
        )
        for name, seconds in done.stages.items()
    )
    yield el("table", el("caption", "Where the time went"), el("tbody", *rows), class_="stages")


def _command(run: CommandRun) -> Html:
    ended = "killed at its limit" if run.exit_code is None else f"exit {run.exit_code}"
    return el("li", el("code", shlex.join(run.argv)), f" ({ended}, {run.seconds:.2f} s)")


def _items(words: Iterable[str]) -> Html:
    return el("ul", *(el("li", el("code", word)) for word in words))
