"""`llm-review run`: a script in the sandbox, its end explained, a correction tried."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ..change.change import Change
from ..change.diff import read_change
from ..change.git import Repository, current_folder
from ..change.snapshot import carry, export
from ..change.spec import parse_spec
from ..craft.box import Box, make_box
from ..craft.running import Execution, execute
from ..desk import Desk, desk
from ..errors import ExitCode, GitError, UsageError
from ..report.crafted import as_json, execution_lines
from ..report.sanitise import visible
from ..verify.patch import unified


def run(arguments: argparse.Namespace) -> int:
    """Run the script and say how it ended; 1 where it did not end well."""
    code = _code(arguments.file)
    with desk(arguments) as tools:
        box = tools.box() if arguments.file == "-" else _box(tools, Path(arguments.file))
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


def _box(tools: Desk, path: Path) -> Box:
    """The file at its own place, with a copy of its repository round it; alone, where it is in none."""
    try:
        opened = Repository.open(current_folder(), tools.folder / "git")
    except GitError:
        return tools.box()
    with closing(opened) as repo:
        if not path.resolve().is_relative_to(repo.root.resolve()):
            return tools.box()
        tools.progress.stage("copying the repository")
        change, _ = read_change(repo, parse_spec(None, False, True, None))
        return _at_home(tools, repo, change, path)


def _at_home(tools: Desk, repo: Repository, change: Change, path: Path) -> Box:
    tree = tools.folder / "tree"
    export(repo, change.head, tree)
    carry(repo, (tree,))
    box = make_box(tools.folder, tools.settings.sandbox, tools.settings.python, repo.root)
    return replace(box, tree=tree, name=path.resolve().relative_to(repo.root.resolve()).as_posix())


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
