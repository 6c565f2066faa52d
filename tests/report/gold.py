"""Whole outputs, compared with files that `python -m tests.report.update_gold` writes."""

from __future__ import annotations

import io
from importlib import import_module
from pathlib import Path

from reviewer.report import FORMATS, htmlreport, jsonreport, terminal
from reviewer.review import Review
from tests.report.reviews import CHANGED, REVIEWS, SOURCES

FOLDER = Path(__file__).parent / "gold"
SUFFIXES = {
    "markdown": "md",
    "sarif": "sarif",
    "github": "github.txt",
    "gitlab": "gitlab.json",
    "rdjson": "rd.json",
    "junit": "xml",
    "html": "bare.html",
}


def on_a_terminal(review: Review, width: int = 80, *, colour: bool = False, verbose: bool = False) -> str:
    """What a terminal of that width shows."""
    stream = io.StringIO()
    console = terminal.rich_console(stream, colour=colour, width=width)
    terminal.render(review, console, SOURCES, verbose=verbose)
    return stream.getvalue()


def in_a_file(review: Review, sources: terminal.Sources | None = None) -> str:
    """What a pipe gets."""
    stream = io.StringIO()
    terminal.render(review, terminal.console_for(stream), sources)
    return stream.getvalue()


def outputs() -> dict[str, str]:
    """Every gold file's name and what should be in it."""
    made = {}
    for name, review in REVIEWS.items():
        made[f"{name}.json"] = jsonreport.render(review)
        made[f"{name}.txt"] = on_a_terminal(review, verbose=name == "full")
    for name, module in FORMATS.items():
        if name not in {"terminal", "json"}:
            made[f"full.{SUFFIXES[name]}"] = import_module(f"reviewer.report.{module}").render(REVIEWS["full"])
    made["full.html"] = htmlreport.render(REVIEWS["full"], CHANGED)
    made["full-narrow.txt"] = on_a_terminal(REVIEWS["full"], 40)
    made["full-piped.txt"] = in_a_file(REVIEWS["full"], SOURCES)
    return made
