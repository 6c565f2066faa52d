"""`llm-review document`: docstrings for what has none; the code itself provably unchanged."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..craft.docstyle import Style, detect
from ..craft.document import Documented, document
from ..craft.subject import Subject, again, replace_file, subjects, within
from ..desk import Desk, desk
from ..errors import ExitCode
from ..report.crafted import documented_lines, many_as_json
from ..report.sanitise import visible
from ..verify.patch import unified


def run(arguments: argparse.Namespace) -> int:
    """Document each definition; 0 where something was written, 1 where nothing was."""
    file, _, name = arguments.target.partition("::")
    chosen = list(within(subjects(arguments.target)[0])) if name else subjects(file, classes=True)
    path, text = Path(file), chosen[0].text if chosen else ""
    with desk(arguments) as tools:
        results = list(_each(tools, path, chosen, arguments.style))
        tools.progress.close()
    new = results[-1].text if results else text
    patch = unified(path.as_posix(), text, new)
    if arguments.format == "json":
        sys.stdout.write(many_as_json("documented", results, patch=patch))
    else:
        sys.stdout.write(visible(patch))
        sys.stdout.flush()
        sys.stderr.write("".join(f"{line}\n" for line in documented_lines(results)))
    if arguments.write and patch:
        replace_file(path, text, new)
        sys.stderr.write(f"written to {path}\n")
    return ExitCode.OK if patch else ExitCode.BLOCKED


def _each(tools: Desk, path: Path, chosen: Sequence[Subject], style: str | None) -> Iterator[Documented]:
    """One after the other: each starts from the text that the ones before have made."""
    box, text = tools.box_at(path), chosen[0].text if chosen else ""
    wanted = Style(style) if style else detect([text])
    for number, subject in enumerate(chosen):
        tools.progress.unit(subject.label, number, len(chosen))
        found = document(tools.session(), box, again(subject, text), wanted, tools.progress.stage)
        text = found.text
        yield found
