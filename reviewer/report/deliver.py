"""What was made of a file: the diff, what is known of it, and the file itself where that was asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from ..craft.document import Documented
from ..craft.optimise import Optimised
from ..craft.subject import Subject, replace_file
from ..errors import ExitCode
from ..verify.patch import unified
from .crafted import many_as_json
from .htmlcrafted import page
from .sanitise import visible


def deliver(
    kind: str,
    chosen: Sequence[Subject],
    results: Sequence[Optimised] | Sequence[Documented],
    lines: Iterable[str],
    form: str,
    *,
    write: bool,
) -> int:
    """Print what was made of the chosen definitions of one file, and change it with `write`.

    The diff (or JSON, or a page) goes to standard output, the lines about it to standard error. 0 where there is a
    change, else 1. Raises UsageError where the file cannot be written.
    """
    old = chosen[0].text if chosen else ""
    new = results[-1].text if results else old
    patch = unified(chosen[0].path.as_posix(), old, new) if chosen else ""
    if form == "json":
        sys.stdout.write(many_as_json(kind, results, patch=patch))
    elif form == "html":
        sys.stdout.write(page(kind, results, patch))
    else:
        sys.stdout.write(visible(patch))
        sys.stdout.flush()
        sys.stderr.write("".join(f"{line}\n" for line in lines))
    if write and patch:
        replace_file(chosen[0].path, old, new)
        sys.stderr.write(f"written to {chosen[0].path}\n")
    return ExitCode.OK if patch else ExitCode.BLOCKED
