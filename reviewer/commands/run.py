"""`llm-review run`: a script in the sandbox, its end explained, a correction tried."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..craft.running import Execution, execute
from ..desk import desk
from ..errors import ExitCode, UsageError
from ..report.crafted import as_json, execution_lines
from ..report.sanitise import visible
from ..verify.patch import unified


def run(arguments: argparse.Namespace) -> int:
    """Run the script and say how it ended; 1 where it did not end well."""
    code = _code(arguments.file)
    with desk(arguments) as tools:
        box = tools.box() if arguments.file == "-" else tools.box_at(Path(arguments.file))
        session = tools.session if tools.settings.llm and not arguments.no_llm else None
        result = execute(box, code, arguments.seconds, session, tools.progress.stage)
        tools.progress.close()
    _report(arguments, code, result)
    return ExitCode.OK if result.ended == "ok" else ExitCode.BLOCKED


def _code(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {name}: {error.strerror}", "give a Python file, or - for standard input"
        ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8", "save it as UTF-8") from error


def _report(arguments: argparse.Namespace, code: str, result: Execution) -> None:
    if arguments.format == "json":
        sys.stdout.write(as_json("execution", result))
        return
    sys.stdout.write(visible(result.output))
    sys.stdout.flush()
    sys.stderr.write(visible(result.errors))
    sys.stderr.write("".join(f"{line}\n" for line in execution_lines(result)))
    if result.repair:
        name = "stdin.py" if arguments.file == "-" else arguments.file
        sys.stderr.write(visible(unified(name, code, result.repair)))
