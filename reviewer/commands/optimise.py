"""`llm-review optimise`: faster, or clearer, versions of functions, each compared and measured before it is shown."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..craft.optimise import Optimiser
from ..craft.owntests import OwnTests
from ..craft.subject import subjects
from ..desk import desk
from ..report.crafted import optimised_lines
from ..report.deliver import deliver
from ..tasks.optimise import Aim


def run(arguments: argparse.Namespace) -> int:
    """Try each function; 0 where at least one is better, 1 where none is."""
    chosen = subjects(arguments.target)
    with desk(arguments) as tools:
        box = tools.box_at(Path(arguments.target.partition("::")[0]))
        aim = Aim.CLEARER if arguments.refactor else Aim.FASTER
        work = Optimiser(tools.session, box, OwnTests.near(box), tools.settings.samples, aim)
        results = list(tools.each(chosen, work))
        tools.progress.close()
    lines = (line for result in results for line in optimised_lines(result))
    return deliver("optimised", chosen, results, lines, arguments.format, write=arguments.write)
