"""A review as a page: the findings, in the change and apart from it, and all that is known of how it was done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from ..finding import Finding, Severity
from ..review import ChangedFile, Review
from .base import counted, headline, unique_ids
from .htmlcode import size
from .htmldiff import line_of, rows
from .htmlpage import document
from .htmlparts import PROOFS, article, not_done, quoted, receipt, row, tests, walkthrough
from .htmltag import Html, el, join

OPEN = 20  # files that are open at first; of more, only those with findings
COLOURED = 400_000  # characters of both sides of the files that get colours: a second's work
Marked = tuple[Finding, str]
Inside = dict[str, dict[int, list[Html]]]
Kind = TypeVar("Kind", bound=StrEnum)


def render(review: Review, changed: Sequence[ChangedFile] = ()) -> str:
    """The report as an HTML document. Files whose lines are not given are not shown; their findings are."""
    return document(f"llm-review: {headline(review)}", *_body(review, changed), script=True)


def _body(review: Review, changed: Sequence[ChangedFile]) -> list[Html]:
    marked = tuple(zip(review.findings, unique_ids(review.findings), strict=True))
    places = {file.path: f"file-{number}" for number, file in enumerate(changed, 1)}
    where = "change" if changed else "elsewhere"
    parts = {
        ("walkthrough", "What it does"): walkthrough(review, places),
        ("findings", "Findings"): _findings(marked) if marked else None,
        (where, "The change" if changed else "The findings"): _changes(changed, marked),
        ("tests", "Tests"): tests(review.tests),
        ("not-done", "Not done"): not_done(review),
        ("receipt", "Receipt"): receipt(review),
    }
    there = {place: part for place, part in parts.items() if part is not None}
    links = (el("li", el("a", title, href=f"#{name}")) for name, title in there)
    nav = el("nav", el("ul", *links), aria_label="Parts of the report")
    top = el("header", el("h1", "llm-review"), el("p", headline(review), class_="answer"), nav)
    skip = el("a", "Skip to the findings" if marked else "Skip to the report", href="#main", class_="skip")
    return [skip, top, el("main", *there.values(), id="main", tabindex="-1")]


def _findings(marked: Sequence[Marked]) -> Html:
    severities = _choice("severity", {s: s.value for s in Severity}, (f.severity for f, _ in marked))
    proofs = _choice("proof", PROOFS, (f.proof for f, _ in marked))
    shown = el("p", f"{counted(len(marked), 'finding')} shown", id="shown", role="status")
    keys = el("p", el("kbd", "j"), " and ", el("kbd", "k"), " go from one finding to the next", class_="dim keys")
    listed = el("ol", *(row(finding, mark) for finding, mark in marked), id="list")
    return el("section", el("h2", "Findings"), el("form", severities, proofs), shown, listed, keys, id="findings")


def _choice(name: str, words: Mapping[Kind, str], present: Iterable[Kind]) -> Html:
    """A box to tick for each kind that there is."""
    there = set(present)
    boxes = [
        el("label", el("input", type="checkbox", name=name, value=str(kind), checked=True), words[kind])
        for kind in words
        if kind in there
    ]
    return el("fieldset", el("legend", name.capitalize()), *boxes)


def _changes(changed: Sequence[ChangedFile], marked: Sequence[Marked]) -> Html | None:
    """Every file with the findings in it, and after them the findings that are in none."""
    inside, elsewhere = _placed(changed, marked)
    parts: list[Html] = []
    if changed:
        parts.append(el("section", el("h2", "The change"), *_files(changed, inside), id="change"))
    if elsewhere:
        title = "Findings elsewhere" if changed else "The findings"
        parts.append(el("section", el("h2", title), *elsewhere, id="elsewhere"))
    return join(parts) if parts else None


def _placed(changed: Sequence[ChangedFile], marked: Sequence[Marked]) -> tuple[Inside, list[Html]]:
    """The findings by file and line, and those whose line is not shown."""
    by_path = {file.base_path: file for file in changed} | {file.path: file for file in changed}
    inside: Inside = defaultdict(lambda: defaultdict(list))
    elsewhere: list[Html] = []
    for finding, mark in marked:
        file = by_path.get(finding.location.path)
        line = line_of(file, finding) if file else None
        if file is None or line is None:
            elsewhere.append(quoted(finding, mark))
        else:
            inside[file.path][line].append(article(finding, mark))
    return inside, elsewhere


def _files(changed: Sequence[ChangedFile], inside: Inside) -> list[Html]:
    few = len(changed) <= OPEN
    files, room = [], COLOURED
    for number, file in enumerate(changed, 1):
        room -= 2 * size(file.lines)
        files.append(_file(file, number, inside.get(file.path, {}), few, room >= 0))
    switch = el("button", "Side by side", type="button", id="split", aria_pressed="false")
    pale = el("p", "The change is large: the code of its last files is without colours.", class_="dim")
    return [el("p", switch, class_="tools"), *([pale] if room < 0 else []), *files]


def _file(file: ChangedFile, number: int, said: Mapping[int, list[Html]], few: bool, colours: bool) -> Html:
    gone, come = sum(len(e.gone) for e in file.edits), sum(e.count for e in file.edits)
    name = file.path if file.path == file.base_path else f"{file.base_path} → {file.path}"
    found = sum(map(len, said.values()))
    title = [
        el("span", name, class_="name"),
        el("span", {"A": "new", "D": "deleted", "R": "renamed"}.get(file.status, ""), class_="dim"),
        el("span", f"+{come:,}", class_="came"),
        el("span", f"−{gone:,}", class_="went"),
        *([el("span", counted(found, "finding"), class_="badge")] if found else []),
    ]
    content = el("p", file.omitted, class_="gap") if file.omitted else rows(file, said, colours=colours)
    code = el("div", content, class_="code")
    return el("details", el("summary", *title), code, class_="file", id=f"file-{number}", open=bool(said) or few)
