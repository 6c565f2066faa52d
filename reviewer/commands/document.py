"""`llm-review document`: docstrings for what has none; the code itself provably unchanged."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..craft.docstyle import Style, detect
from ..craft.document import Documenter
from ..craft.owntests import OwnTests
from ..craft.subject import inner
from ..desk import desk
from ..report.crafted import documented_lines
from ..report.deliver import deliver


def run(arguments: argparse.Namespace) -> int:
    """Document each definition; 0 where something was written, 1 where nothing was."""
    chosen = inner(arguments.target)
    with desk(arguments) as tools:
        box = tools.box_at(Path(arguments.target.partition("::")[0]))
        style = Style(arguments.style) if arguments.style else detect(s.text for s in chosen[:1])
        tests = OwnTests.near(box) if arguments.types else None
        results = list(tools.each(chosen, Documenter(tools.session, box, style, tests)))
        tools.progress.close()
    lines = documented_lines(results, types=arguments.types)
    return deliver("documented", chosen, results, lines, arguments.format, write=arguments.write)
