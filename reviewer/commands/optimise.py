"""`llm-review optimise`: faster versions of functions, each compared and measured before it is shown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..craft.box import Box
from ..craft.optimise import Optimised, optimise
from ..craft.subject import Subject, again, replace_file, subjects
from ..desk import Desk, desk
from ..errors import ExitCode
from ..report.crafted import many_as_json, optimised_lines
from ..report.sanitise import visible
from ..verify.patch import unified


def run(arguments: argparse.Namespace) -> int:
    """Try each function; 0 where at least one is faster, 1 where none is."""
    chosen = subjects(arguments.target)
    path, text = Path(arguments.target.partition("::")[0]), chosen[0].text if chosen else ""
    with desk(arguments) as tools:
        results = list(_each(tools, tools.box_at(path), chosen))
        tools.progress.close()
    new = results[-1].text if results else text
    patch = unified(path.as_posix(), text, new)
    if arguments.format == "json":
        sys.stdout.write(many_as_json("optimised", results, patch=patch))
    else:
        sys.stdout.write(visible(patch))
        sys.stdout.flush()
        sys.stderr.write("".join(f"{line}\n" for result in results for line in optimised_lines(result)))
    if arguments.write and patch:
        replace_file(path, text, new)
        sys.stderr.write(f"written to {path}\n")
    return ExitCode.OK if patch else ExitCode.BLOCKED


def _each(tools: Desk, box: Box, chosen: Sequence[Subject]) -> Iterator[Optimised]:
    """One after the other: each starts from the text that the ones before have made."""
    text = chosen[0].text if chosen else ""
    for number, subject in enumerate(chosen):
        tools.progress.unit(subject.label, number, len(chosen))
        found = optimise(tools.session(), box, again(subject, text), tools.settings.samples, tools.progress.stage)
        text = found.text
        yield found
