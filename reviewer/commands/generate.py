"""`llm-review generate`: code from a description, executed against examples and assertions before it is shown."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..craft.generate import Generated, generate
from ..craft.running import execute
from ..desk import Desk, desk
from ..errors import ExitCode, UsageError
from ..report.crafted import as_json, execution_lines, generated_lines
from ..report.sanitise import visible
from ..tasks.write import Wish

SECONDS = 30.0


def run(arguments: argparse.Namespace) -> int:
    """Generate, show, and write what was asked to be written; 1 where nothing could be checked."""
    wish = Wish(_text(arguments.text), arguments.signature or "", tuple(arguments.examples or ()))
    out = _target(arguments)
    with desk(arguments) as tools:
        result = generate(tools.session(), tools.box(), wish, tools.settings.samples, tools.progress.stage)
        tools.progress.close()
        if arguments.format == "json":
            sys.stdout.write(as_json("generated", result))
        else:
            _show(result, out)
        if out:
            _write(out, result)
        if arguments.run:
            _run(tools, result)
    return ExitCode.OK if result.checked else ExitCode.BLOCKED


def _text(words: str) -> str:
    text = sys.stdin.read() if words == "-" else words
    if not text.strip():
        raise UsageError("there is no description", "llm-review generate 'a function that ...'")
    return text


def _target(arguments: argparse.Namespace) -> Path | None:
    out = Path(arguments.out) if arguments.out else None
    if out and out.exists() and not arguments.write:
        raise UsageError(f"{out} exists", "name another file, or replace it with --write")
    if out and not out.parent.is_dir():
        raise UsageError(f"no such folder: {out.parent}", "make it first")
    return out


def _show(result: Generated, out: Path | None) -> None:
    """The code on standard output, so that it can be piped; what is known of it on standard error."""
    if out is None:
        sys.stdout.write(visible(result.code) if sys.stdout.isatty() else result.code)
        sys.stdout.flush()
    sys.stderr.write("".join(f"{line}\n" for line in generated_lines(result)))


def _write(out: Path, result: Generated) -> None:
    try:
        out.write_text(result.code, "utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}", "name another file") from error
    sys.stderr.write(f"written to {out}\n")


def _run(tools: Desk, result: Generated) -> None:
    """Run the code with what holds of it: each assertion is executed once more, as a script."""
    script = "\n".join((result.code, *result.tests, f"print({f'{len(result.tests)} assertions hold'!r})"))
    done = execute(tools.box(), script, SECONDS, None, tools.progress.stage)
    tools.progress.close()
    sys.stderr.write(visible(done.output) + visible(done.errors))
    sys.stderr.write("".join(f"{line}\n" for line in execution_lines(done)))
