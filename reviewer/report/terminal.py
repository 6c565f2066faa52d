"""The report for people at a terminal. All foreign text is sanitised and is never read as markup."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from ..finding import Finding, Proof, Reproducer, Severity, Side, Suggestion, Verdict
from ..review import Explanation, Receipt, Review, TestReport
from .base import counted, headline, is_clean, outcome, proof_words, verdict_words
from .sanitise import visible

if TYPE_CHECKING:
    from rich.console import Console

Lines = str | Sequence[str]
Sources = Mapping[str, Lines] | Callable[[str], Lines]

SHOWN_FILES = 5
AROUND = 2
FRAME_LINES = 12
CODE_LINES = 24
OUTPUT_LINES = 12
PATCH_LINES = 60
LINE_WIDTH = 240
SEVERITY_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
PROOF_STYLE = {Proof.REPRODUCED: "bold", Proof.TOOL: "", Proof.MODEL: "dim"}
VERDICT_STYLE = {Verdict.VERIFIED: "green", Verdict.PASSES: "green", Verdict.REFUTED: "red", Verdict.NOT_RUN: "dim"}
# A job's runner obeys `##[` (GitHub), `##vso[` (Azure) anywhere in a line of its log, and `::` where one begins.
_ANYWHERE = re.compile(r"##(?=\w*\[)")
ANEW = "--no-cache reviews it anew."
PATCH_STYLE = {"+": "green", "-": "red", "@": "cyan"}


class Paper:
    """What a report is printed on where there is neither colour nor width: a file, a pipe."""

    is_terminal = False

    def __init__(self, stream: IO[str]) -> None:
        """Print on that stream."""
        self._stream = stream

    def print(self, text: str = "") -> None:
        """One line."""
        self._stream.write(f"{text}\n")


def console_for(stream: IO[str]) -> Console | Paper:
    """What a report on that stream is printed on."""
    return rich_console(stream) if _is_terminal(stream) else Paper(stream)


def rich_console(stream: IO[str], *, colour: bool = True, width: int | None = None) -> Console:
    """A console for a terminal, that takes text literally; without colour where NO_COLOR is set."""
    from rich.console import Console  # noqa: PLC0415 - rich takes longer to import than some reviews do

    class Plain(Console):
        """Leaves a closed pipe to the caller; rich would end the program with a code of its own."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    plain = not colour or bool(os.environ.get("NO_COLOR"))
    return Plain(
        file=stream,
        color_system=None if plain else "auto",
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=True,
        width=width,
    )


def _is_terminal(stream: IO[str]) -> bool:
    """Whether rich would take it for one: it may be told so."""
    told = os.environ.get("TTY_COMPATIBLE") or os.environ.get("FORCE_COLOR")
    return stream.isatty() if not told else told != "0"


def render(
    review: Review,
    console: Console | Paper,
    sources: Sources | None = None,
    *,
    explain: bool = True,
    verbose: bool = False,
) -> None:
    """Print a review. `sources` gives a path's text or lines on the head; without them the quote is shown.

    A clean, complete review is one line, and with `explain` what was explained. `verbose` adds the commands.
    """
    page = _Page(console)
    clean = is_clean(review)
    if not clean:
        _header(page, review)
    for finding in review.findings:
        _finding(page, finding, sources, verbose)
    if explain or not clean:
        _explanations(page, review.summary, review.explanations)
    if not clean:
        _tests(page, review.tests)
        _skipped(page, review)
        _receipt(page, review.receipt)
    if verbose:
        _commands(page, review.receipt)
    if review.receipt.made:
        page.line((f"Reviewed at {review.receipt.made}; nothing has changed since. {ANEW}", "dim"))
    page.line((headline(review), "bold green" if clean else "bold"))


def render_explanations(review: Review, console: Console | Paper) -> None:
    """Print what a change does, and what of it could not be explained."""
    page = _Page(console)
    _explanations(page, review.summary, review.explanations)
    _skipped(page, replace(review, skipped=tuple(s for s in review.skipped if not s.harmless)))
    if not review.explanations:
        page.line((headline(review), "bold"))


def show_patch(patch: str, stream: IO[str]) -> None:
    """Print the whole of a patch."""
    page = _Page(console_for(stream))
    for line in visible(patch).rstrip("\n").split("\n"):
        page.line((line, PATCH_STYLE.get(line[:1], "")))


class _Page:
    """Writes sanitised lines, wrapped at a terminal's width and never in a file."""

    def __init__(self, console: Console | Paper) -> None:
        self._console = console

    def line(self, *parts: tuple[str, str], indent: int = 0) -> None:
        """One paragraph out of pieces of text, each with its style."""
        clean = [(_ANYWHERE.sub(r"#\\#", visible(piece)).expandtabs(4), style) for piece, style in parts]
        if isinstance(self._console, Paper):
            for row in "".join(piece for piece, _ in clean).split("\n"):
                self._console.print(_margin(row, indent) + row.rstrip() if row.rstrip() else "")
            return
        from rich.text import Text  # noqa: PLC0415

        text = Text()
        for piece, style in clean:
            text.append(piece, style=style)
        for rich_row in text.wrap(self._console, max(10, self._console.width - indent), overflow="fold"):
            rich_row.rstrip()
            whole = Text(_margin(rich_row.plain, indent)) + rich_row if rich_row else rich_row
            self._console.print(whole, soft_wrap=True)

    def blank(self) -> None:
        """An empty line."""
        self._console.print()


def _margin(row: str, indent: int) -> str:
    return " " * indent + ("\\" if row.lstrip().startswith("::") else "")


def _header(page: _Page, review: Review) -> None:
    files = review.receipt.files
    more = f" and {len(files) - SHOWN_FILES:,} more" if len(files) > SHOWN_FILES else ""
    names = ", ".join(map(_flat, files[:SHOWN_FILES])) or "no file"
    page.line((f"Reviewed {names}{more} (tree {review.base[:10]} -> {review.head[:10]})", "dim"))
    page.blank()


def _finding(page: _Page, finding: Finding, sources: Sources | None, verbose: bool) -> None:
    place = finding.location
    where = f"{_flat(place.path)}:{place.start_line}"
    page.line(
        (f"{finding.severity.value}  ", SEVERITY_STYLE[finding.severity]),
        (where, "bold"),
        (f"  {_flat(finding.rule_id)}", "dim"),
        ("  blocks" if finding.blocking else "", "bold red"),
        (f"  {finding.fingerprint}" if verbose else "", "dim"),
    )
    page.line((finding.message, ""), (f" ({proof_words(finding)})", PROOF_STYLE[finding.proof]), indent=2)
    _frame(page, finding, sources)
    if finding.explanation:
        page.line((finding.explanation, ""), indent=2)
    if finding.reproducer:
        _reproducer(page, finding.reproducer)
    if finding.suggestion:
        _suggestion(page, finding.suggestion)
    page.blank()


def _frame(page: _Page, finding: Finding, sources: Sources | None) -> None:
    """The finding's lines with some around them; where the source is not known, the quote."""
    place = finding.location
    lines = _source(place.path, sources) if place.side is Side.HEAD else ()
    if not 0 < place.start_line <= len(lines):
        if finding.quote.strip():
            side = "base " if place.side is Side.BASE else ""
            page.line((f"{side}{place.start_line} | ", "dim"), (_cut(_flat(finding.quote.strip())), ""), indent=4)
        return
    last = min(place.end_line, len(lines), place.start_line + FRAME_LINES - 1)
    for number in range(max(1, place.start_line - AROUND), min(len(lines), last + AROUND) + 1):
        inside = place.start_line <= number <= last
        mark, style = (">", "bold") if inside else (" ", "dim")
        code = _cut(lines[number - 1].rstrip("\r\n").expandtabs(4))
        page.line((f"{mark} {number:>4} | ", "dim"), (_flat(code), style), indent=2)


def _source(path: str, sources: Sources | None) -> Sequence[str]:
    if sources is None:
        return ()
    found = sources(path) if callable(sources) else sources.get(path, ())
    return found.split("\n") if isinstance(found, str) else found


def _reproducer(page: _Page, reproducer: Reproducer) -> None:
    page.line(("see it: ", "bold"), (reproducer.command, ""), indent=2)
    page.line((f"base {reproducer.base} -> head {reproducer.head}", ""), indent=4)
    code = visible(reproducer.code).rstrip("\n").split("\n") if reproducer.code.strip() else []
    for line in code[:CODE_LINES]:
        page.line(("  ", ""), (_cut(line), "dim"), indent=4)
    if len(code) > CODE_LINES:
        page.line((f"... {counted(len(code) - CODE_LINES, 'line')} more", "dim"), indent=4)
    lines = visible(reproducer.output).strip("\n").split("\n") if reproducer.output.strip() else []
    if len(lines) > OUTPUT_LINES:
        page.line((f"... {counted(len(lines) - OUTPUT_LINES, 'line')} before", "dim"), indent=4)
    for line in lines[-OUTPUT_LINES:]:
        page.line(("| ", "dim"), (_cut(line), ""), indent=4)


def _suggestion(page: _Page, suggestion: Suggestion) -> None:
    page.line(("suggestion: ", "bold"), (suggestion.description, ""), indent=2)
    page.line((verdict_words(suggestion), VERDICT_STYLE[suggestion.verdict]), indent=4)
    lines = visible(suggestion.patch).rstrip("\n").split("\n")
    for line in lines[:PATCH_LINES]:
        page.line((_cut(line), PATCH_STYLE.get(line[:1], "")), indent=4)
    if len(lines) > PATCH_LINES:
        page.line((f"... {counted(len(lines) - PATCH_LINES, 'line')} more", "dim"), indent=4)


def _explanations(page: _Page, summary: str, explanations: Sequence[Explanation]) -> None:
    if not summary and not explanations:
        return
    page.line(("What the change does", "bold"))
    if summary:
        page.line((summary, ""), indent=2)
    for one in explanations:
        label = "::".join(filter(None, (one.path, one.name)))
        page.line((f"{_flat(label)}: " if label else "", "bold"), (" ".join(one.told.split()), ""), indent=2)
    page.blank()


def _tests(page: _Page, tests: TestReport) -> None:
    if not tests.selected and tests.head is None:
        return
    canary = {
        "caught": "; they do execute the changed code",
        "missed": "; they prove nothing: none noticed when the changed code was made to raise",
    }.get(tests.canary, "")
    sides = f"base: {outcome(tests.base)}; head: {outcome(tests.head)}"
    page.line(("Tests", "bold"), (f"  {len(tests.selected):,} selected; {sides}{canary}", ""))


def _skipped(page: _Page, review: Review) -> None:
    if not review.skipped:
        return
    page.line(("Not done", "bold"))
    for skipped in sorted(review.skipped, key=lambda s: s.harmless):
        style = "dim" if skipped.harmless else "yellow"
        page.line((_flat(skipped.what), style), (f": {' '.join(skipped.reason.split())}", style), indent=2)


def _receipt(page: _Page, receipt: Receipt) -> None:
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in receipt.stages.items())
    page.line((f"{receipt.seconds:.1f} s{f' ({stages})' if stages else ''}", "dim"))
    if model := receipt.model:
        usage = receipt.usage
        where = "remote: code left this machine" if model.remote else "on this machine"
        digest = f", sha256 {model.sha256[:12]}" if model.sha256 else ""
        tokens = f"{usage.prompt:,} tokens read ({usage.cached:,} cached), {usage.completion:,} written"
        kept = f"; {usage.hits} of {usage.requests} answers were kept from before" if usage.hits else ""
        kept += f"; cost {usage.cost:.4f}" if usage.cost else ""
        page.line((f"model {_flat(model.name)} ({_flat(model.provider)}, {where}{digest}); {tokens}{kept}", "dim"))
    else:
        page.line(("no model was used", "dim"))
    if rejected := ", ".join(f"{_flat(why)} {number}" for why, number in receipt.rejected.items()):
        page.line((f"claims of the model that were rejected: {rejected}", "dim"))
    if isolation := ", ".join(f"{_flat(key)} {_flat(value)}" for key, value in receipt.isolation.items()):
        page.line((f"isolation: {isolation}", "dim"))


def _commands(page: _Page, receipt: Receipt) -> None:
    for command in receipt.commands:
        ended = "killed at its limit" if command.exit_code is None else f"exit {command.exit_code}"
        page.line((f"$ {_flat(shlex.join(command.argv))}", ""), (f"  ({ended}, {command.seconds:.2f} s)", "dim"))


def _flat(text: str) -> str:
    return visible(text, lines=False)


def _cut(line: str) -> str:
    return line if len(line) <= LINE_WIDTH else f"{line[:LINE_WIDTH]} ..."
