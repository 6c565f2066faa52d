"""`llm-review generate`: code from a description, executed against examples and assertions before it is shown."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from ..craft.generate import Generated, generate
from ..craft.into import insert
from ..craft.running import execute
from ..craft.subject import replace_file
from ..craft.tests_for import home, write_tests
from ..desk import Desk, desk
from ..errors import ExitCode, UsageError
from ..report.crafted import as_json, execution_lines, generated_lines, inserted_lines, tested_lines
from ..report.sanitise import visible
from ..tasks.write import Wish

SECONDS = 30.0
FEW = 4


def run(arguments: argparse.Namespace) -> int:
    """Generate, show, and write what was asked to be written; 1 where nothing could be checked."""
    if arguments.test_for:
        return _test_for(arguments)
    if arguments.into:
        return _into(arguments)
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
            _write(out, result.code)
        if arguments.run:
            _run(tools, result)
    return ExitCode.OK if result.checked else ExitCode.BLOCKED


def _into(arguments: argparse.Namespace) -> int:
    """A function or method for a file; 1 where it was not checked or breaks a test, and nothing is written then."""
    if arguments.out or arguments.run:
        raise UsageError("--into changes a file of the project", "leave --out and --run out")
    wish = Wish(_text(arguments.text), arguments.signature or "", tuple(arguments.examples or ()))
    target, _, owner = arguments.into.partition("::")
    with desk(arguments) as tools, tools.standing() as stand:
        path = stand.relative(Path(target))
        number = arguments.samples or FEW
        result = insert(stand, path, owner, wish, tools.session, number, tools.progress.stage)
        tools.progress.close()
        old = stand.text(path)
    if arguments.format == "json":
        sys.stdout.write(as_json("inserted", replace(result, text="")))
    else:
        sys.stdout.write(visible(result.patch) if sys.stdout.isatty() else result.patch)
        sys.stdout.flush()
        sys.stderr.write("".join(f"{line}\n" for line in inserted_lines(result)))
    good = result.generated.checked and not result.broken
    if arguments.write and good:
        replace_file(Path(target), old, result.text)
    if arguments.write:
        sys.stderr.write(f"written to {target}\n" if good else "not written\n")
    return ExitCode.OK if good else ExitCode.BLOCKED


def _test_for(arguments: argparse.Namespace) -> int:
    """The test of a function, on standard output, in --out, or with --write where the project keeps its tests."""
    if arguments.text or arguments.into or arguments.run:
        raise UsageError("--test-for is told by the code alone", "leave the description, --into and --run out")
    target, _, name = arguments.test_for.partition("::")
    out = _target(arguments)
    with desk(arguments) as tools, tools.standing() as stand:
        path = stand.relative(Path(target))
        stand.text(path)
        place = out or stand.repo.root / home(stand, path, name)
        if arguments.write and not out and place.exists():
            raise UsageError(f"{place} exists", "name another file with --out")
        result = write_tests(stand, path, name, tools.session, arguments.samples or FEW, tools.progress.stage)
        tools.progress.close()
    if arguments.format == "json":
        sys.stdout.write(as_json("tested", result))
    else:
        if not (out or arguments.write):
            sys.stdout.write(visible(result.code) if sys.stdout.isatty() else result.code)
            sys.stdout.flush()
        sys.stderr.write("".join(f"{line}\n" for line in tested_lines(result)))
    if out or arguments.write:
        place.parent.mkdir(exist_ok=True)
        _write(place, result.code)
    return ExitCode.OK


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


def _write(out: Path, code: str) -> None:
    try:
        out.write_text(code, "utf-8")
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
