"""What the tools do to code before it is shown, and what they still say of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import ToolError
from ..evidence.bandit import IGNORED
from ..evidence.ruff import clean_environment, find_ruff
from ..evidence.ruff_rules import SELECT
from ..evidence.tool import run_json
from ..process import run
from ..spawn import environment

TIDY = ("F401", "F541", "F811", "I001", "UP006", "UP007", "UP035", "UP045", "W291", "W293")
NAME = "code.py"
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Said:
    """What ruff and bandit say of a piece of code, one line each, and which of the tools did not run, with why."""

    remarks: tuple[str, ...]
    not_run: tuple[str, ...]


def tidy(code: str) -> str:
    """The code with ruff's safe corrections and in its format; unchanged where ruff cannot be used."""
    try:
        program = find_ruff()
    except ToolError:
        return code
    for words in (("check", f"--select={','.join(TIDY)}", "--fix-only", "--exit-zero"), ("format",)):
        argv = (program, *words, "--isolated", "--no-cache", "--quiet", f"--stdin-filename={NAME}", "-")
        done = run(argv, env=clean_environment(), stdin=code.encode("utf-8", "surrogateescape"), timeout=TIMEOUT)
        if done.exit_code == 0 and done.stdout:
            code = done.stdout.decode("utf-8", "surrogateescape")
    return code


def scan(code: str, folder: Path) -> Said:
    """Let ruff (the rules that find bugs) and bandit look at the code; `folder` is a throw-away one."""
    place = folder / "scan"
    place.mkdir(exist_ok=True)
    (place / NAME).write_text(code, "utf-8", "surrogateescape")
    remarks: list[str] = []
    not_run: list[str] = []
    for name, one in (("ruff", _ruff), ("bandit", _bandit)):
        try:
            remarks += one(place)
        except (ToolError, KeyError, TypeError) as error:
            not_run.append(f"{name}: {error}")
    return Said(tuple(remarks), tuple(not_run))


def _ruff(place: Path) -> Iterator[str]:
    basic = ("check", "--output-format=json", "--isolated", "--no-cache", "--exit-zero", "--quiet")
    argv = (find_ruff(), *basic, f"--select={','.join(SELECT)}", ".")
    output = run_json(argv, cwd=place, env=clean_environment(), timeout=TIMEOUT)
    if output.problem:
        raise ToolError(output.problem)
    for entry in output.data:
        yield f"line {entry['location']['row']}: {entry['code']} {entry['message']}"


def _bandit(place: Path) -> Iterator[str]:
    argv = (sys.executable, "-P", "-E", "-m", "bandit", "-f", "json", "--quiet", "--exit-zero", str(place / NAME))
    output = run_json(argv, cwd=place.parent, env=environment(), timeout=TIMEOUT)
    if output.problem:
        raise ToolError(output.problem)
    for entry in output.data["results"]:
        if entry["test_id"] not in IGNORED:
            yield f"line {entry['line_number']}: {entry['test_id']} {entry['issue_text'].strip()}"
