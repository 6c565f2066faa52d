"""`llm-review explain`: what a file's functions do, with examples that were executed; or what a change does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ..change.git import Repository
from ..change.locate import current_folder
from ..change.spec import parse_spec
from ..craft.explain import Explainer
from ..craft.subject import subjects
from ..desk import desk
from ..errors import ExitCode, UsageError
from ..prepare import prepare
from ..report.crafted import explained_lines, many_as_json
from ..report.progress import progress_for
from ..report.terminal import console_for, render_explanations
from ..report.write import Wanted, write
from ..review import Review
from ..scratch import check_outside, scratch


def run(arguments: argparse.Namespace) -> int:
    """Explain, and return 1 where nothing could be explained."""
    name = arguments.target.partition("::")[0]
    if name == arguments.target and not name.endswith(".py") and not Path(name).exists():
        return _change(arguments)
    if arguments.llm is False:
        raise UsageError("what a file does is told by a model", "leave out --no-llm, or name a revision or a range")
    return _file(arguments)


def _file(arguments: argparse.Namespace) -> int:
    """Each definition as soon as it is ready."""
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


def _change(arguments: argparse.Namespace) -> int:
    """A revision or a range as `diff` understands it, without what else a review does."""
    review = _reviewed(arguments)
    if arguments.format == "json":
        write(review, (Wanted("json", None),), _NO_SOURCES, verbose=False)
    else:
        render_explanations(review, console_for(sys.stdout))
    if review.interrupted:
        return review.exit_code
    return ExitCode.OK if review.explanations or not review.receipt.files else ExitCode.BLOCKED


def _reviewed(arguments: argparse.Namespace) -> Review:
    from ..conduct import conduct  # noqa: PLC0415 - a file needs none of it

    with scratch() as folder, closing(Repository.open(current_folder(), folder / "git")) as repo:
        check_outside(folder, repo.root)
        ready = prepare(repo, parse_spec(arguments.target, False, False, None), arguments)
        ready.check()
        settings = replace(ready.settings, tasks=("explain",), tests=False)
        progress = progress_for(sys.stderr, quiet=arguments.quiet)
        done = conduct(repo, ready.change, ready.configs, settings, folder, progress, skipped=ready.missing)
        # The tools are run for the secrets that they find, which are not to be quoted.
        return replace(done.review, findings=())


_NO_SOURCES: Mapping[str, tuple[str, ...]] = {}
