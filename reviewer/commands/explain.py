"""`llm-review explain`: what a file's functions do, with examples that were executed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..craft.explain import Explainer
from ..craft.subject import subjects
from ..desk import desk
from ..errors import ExitCode
from ..report.crafted import explained_lines, many_as_json


def run(arguments: argparse.Namespace) -> int:
    """Explain each definition as soon as it is ready; 1 where none could be explained."""
    chosen = subjects(arguments.target)
    results = []
    with desk(arguments) as tools:
        box = tools.box_at(Path(arguments.target.partition("::")[0]))
        for result in tools.each(chosen, Explainer(tools.session, box)):
            results.append(result)
            if arguments.format != "json":
                tools.progress.close()
                sys.stdout.write("".join(f"{line}\n" for line in explained_lines(result)) + "\n")
                sys.stdout.flush()
    if arguments.format == "json":
        sys.stdout.write(many_as_json("explained", results))
    return ExitCode.OK if any(not r.reason for r in results) else ExitCode.BLOCKED
