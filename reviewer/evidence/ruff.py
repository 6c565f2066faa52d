"""Ruff as a source of evidence: what it says of the head and did not say of the base.

Suppressions are not honoured and the change's own configuration is never read: the files lie in folders that hold
nothing but Python files, ruff is a native program, and it runs isolated or with the configuration that the caller took
from the base. With a configuration, the rules are the project's own and ours, without those that the project ignores.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..change.change import Change, Unit
from ..errors import ToolError
from ..finding import Category, Finding, Severity
from ..foreign import from_toml
from ..process import run
from ..review import Skipped
from ..spawn import environment
from .base import Evidence, Sides, Units
from .remarks import Remark, brought_in, finding, touches
from .ruff_output import lint, parse, syntax
from .ruff_rules import AT_A_DISTANCE, IGNORE, IO_ERROR, SELECT, SYNTAX, rate
from .testfiles import DEFAULT_PATTERNS, is_test_module, serves_tests
from .tool import Output, commands, run_json

GLOB = re.compile(r"[*?\[\]{}!]")
BASIC = (
    "check",
    "--output-format=json",
    "--ignore-noqa",
    "--no-cache",
    "--exit-zero",
    "--no-fix",
    "--quiet",
    "--no-respect-gitignore",
)


def find_ruff() -> str:
    """The absolute path of the ruff that is installed beside this interpreter. Raises ToolError when there is none."""
    beside = Path(sys.executable).with_name("ruff")
    if beside.is_file():  # asking ruff takes as long as running it
        return str(beside)
    try:
        from ruff.__main__ import find_ruff_bin  # type: ignore[import-untyped]  # noqa: PLC0415

        return str(find_ruff_bin())
    except (ImportError, FileNotFoundError) as error:
        raise ToolError("ruff is not installed beside this interpreter", "pip install ruff") from error


def clean_environment() -> dict[str, str]:
    """The environment without the variables that change what ruff does and where it prints."""
    return {key: value for key, value in environment().items() if not key.startswith("RUFF_")}


class Ruff:
    """The collector. `config` is a `pyproject.toml`, `ruff.toml` or `.ruff.toml` of the trusted tree, or None."""

    name = "ruff"

    def __init__(
        self, config: Path | None = None, patterns: Sequence[str] = DEFAULT_PATTERNS, timeout: float = 30.0
    ) -> None:
        """Keep the project's settings, its patterns for test modules, and the limit for one run in seconds."""
        self._config, self._patterns, self._timeout = config, patterns, timeout

    def collect(self, change: Change, sides: Sides, units: Units) -> Evidence:
        """Look at the change; a configuration that ruff cannot read is left out, and that is said."""
        try:
            program = find_ruff()
        except ToolError as error:
            return Evidence(skipped=(Skipped(self.name, error.message),))
        base, head = self._both(change, sides, program, self._config)
        used, skipped = [base, head], list[Skipped]()
        if self._config and (base.problem or head.problem):
            reason = f"ruff cannot use it ({base.problem or head.problem}); its defaults were used"
            skipped.append(Skipped(f"ruff configuration {self._config.name}", reason, harmless=True))
            base, head = self._both(change, sides, program, None)
            used += [base, head]
        elif self._config:
            skipped += self._excluded(program, self._config, change, sides.head)
        found = self._judge(change, sides, units, base, head)
        return Evidence(found.findings, (*skipped, *found.skipped), commands(*used))

    def _both(self, change: Change, sides: Sides, program: str, config: Path | None) -> tuple[Output, Output]:
        """Ruff's answers for base and head; the base is not looked at where it cannot matter."""
        head = self._run(program, config, sides.head)
        if head.problem or not _could_be_new(head, sides.head, change):
            return Output(data=[]), head
        return self._run(program, config, sides.base), head

    def _run(self, program: str, config: Path | None, folder: Path) -> Output:
        """Ruff's answer; where a file overflowed its stack, that of the others: one file must not hide them."""
        argv = (program, *BASIC, *_selection(config))
        output = run_json((*argv, "."), cwd=folder, env=clean_environment(), timeout=self._timeout)
        if output.command is None or (output.command.exit_code or 0) >= 0 or not (deep := _too_deep(folder)):
            return output
        left_out = tuple("--extend-exclude=" + GLOB.sub(r"[\g<0>]", path) for path in deep)
        again = run_json((*argv, *left_out, "."), cwd=folder, env=clean_environment(), timeout=self._timeout)
        return replace(again, deep=deep)

    def _excluded(self, program: str, config: Path, change: Change, folder: Path) -> list[Skipped]:
        """The changed files that the project's configuration keeps ruff from looking at."""
        argv = (program, "check", f"--config={config.resolve()}", "--no-respect-gitignore", "--show-files", ".")
        done = run(argv, cwd=folder, env=clean_environment(), timeout=self._timeout)
        if done.exit_code != 0:
            return []
        seen = {Path(name) for name in os.fsdecode(done.stdout).splitlines()}
        files = [f.path for f in change.files if f.is_python and (folder / f.path).is_file()]
        reason = "the project's ruff configuration excludes it"
        return [Skipped(f"ruff: {path}", reason, harmless=True) for path in files if folder / path not in seen]

    def _judge(self, change: Change, sides: Sides, units: Units, base: Output, head: Output) -> Evidence:
        if problem := base.problem or head.problem:
            return Evidence(skipped=(Skipped(self.name, problem),))
        try:
            before, after = parse(base.data, sides.base), parse(head.data, sides.head)
        except (KeyError, TypeError, ValueError) as error:
            return Evidence(skipped=(Skipped(self.name, f"its output was not understood ({error!r})"),))
        broken, skipped = syntax(change, before, after)
        skipped += tuple(Skipped(f"ruff: {path}", "it is nested too deeply") for path in head.deep)
        fresh = brought_in(change, lint(before), lint(after), AT_A_DISTANCE)
        rated = (self._rated(remark, units()) for remark in (*broken, *fresh))
        return Evidence(tuple(f for f in rated if f), skipped)

    def _rated(self, remark: Remark, units: tuple[Unit, ...]) -> Finding | None:
        name, in_tests = remark.path.rpartition("/")[2], serves_tests(remark.path, self._patterns)
        rating = rate(remark.rule, remark.message, name=name, in_tests=in_tests)
        if rating is None:
            return None
        severity = rating.severity
        if remark.rule == SYNTAX and in_tests and not is_test_module(remark.path, self._patterns):
            severity = Severity.WARNING  # test data that is broken on purpose
        category = Category.TEST if remark.rule == "F811" and in_tests else rating.category
        return finding(remark, self.name, category, severity, units)


def _could_be_new(head: Output, folder: Path, change: Change) -> bool:
    """Whether anything is said of the head that the change may have brought in, or that cannot be understood."""
    try:
        remarks = parse(head.data, folder)
    except (KeyError, TypeError, ValueError):
        return True
    anywhere = {SYNTAX, IO_ERROR, *AT_A_DISTANCE}
    return any(remark.rule in anywhere or touches(remark, change) for remark in remarks)


def _too_deep(folder: Path) -> tuple[str, ...]:
    """The files that overflow the stack of Python's own parser too."""
    found = []
    for path in folder.rglob("*.py*"):
        try:
            ast.parse(path.read_bytes())
        except (RecursionError, MemoryError):
            found.append(path.relative_to(folder).as_posix())
        except (OSError, SyntaxError, ValueError):
            continue
    return tuple(sorted(found))


def _selection(config: Path | None) -> tuple[str, ...]:
    ours = ",".join(SELECT)
    if config is None:
        return ("--isolated", "--config=exclude=[]", f"--select={ours}", f"--ignore={','.join(IGNORE)}")
    ignored = ",".join((*IGNORE, *_ignored(config)))
    return (f"--config={config.resolve()}", f"--select={ours}", f"--ignore={ignored}")


def _ignored(config: Path) -> tuple[str, ...]:
    """The rules that the project's own configuration ignores; what cannot be read ignores nothing."""
    try:
        table: Any = from_toml(config.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    if config.name == "pyproject.toml":
        table = _table(_table(table, "tool"), "ruff")
    lists = [_table(table, "lint").get(key) for key in ("ignore", "extend-ignore")]
    lists += [table.get(key) for key in ("ignore", "extend-ignore")]
    return tuple(str(rule) for rules in lists if isinstance(rules, list) for rule in rules)


def _table(value: Any, key: str) -> dict[str, Any]:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}
