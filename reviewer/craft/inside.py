"""The program that runs inside the sandbox: a script as it would be run, or checks against a piece of code.

Run as `python inside.py SPEC`; never imports `reviewer`, works with Python 3.8. SPEC is a JSON file: `report` (where to
write), `path` (the code's file), and either `checks` (statements, each run in the code's own names for at most
`seconds`), the `package` that it is in ("" for none) and the folder that imports `start` from, or no checks: a script.

The report has one JSON object per line. Checks: {"loaded": "" or what was raised}, then for each {"check": number,
"raised": "" or "Type: message", "seen": what the check called `_seen_`, or null}; one that is missing never ended. A
script: {"value": text or null} of its last expression, or {"raised": [type, message, line]}, where the line is the
deepest of the file's own, or 0.
"""

# ruff: noqa: PTH123, BLE001, S102, S307, SIM115, UP031 - it executes code that is handed to it, on old Pythons
from __future__ import annotations

import ast
import json
import os
import signal
import sys
import traceback
import types
from typing import Any

VALUE_LIMIT = 4000
MESSAGE_LIMIT = 600
KEPT: list[Any] = []


class Late(BaseException):
    """A check took too long."""


def said(error: BaseException) -> str:
    """The exception in one line."""
    if isinstance(error, Late):
        return "Late: it took too long"
    try:
        text = str(error)
    except Exception:
        text = ""
    return ("%s: %s" % (type(error).__name__, text))[:MESSAGE_LIMIT]


def shown(value: object) -> str:
    """The value as Python writes it."""
    try:
        return repr(value)[:VALUE_LIMIT]
    except Exception as error:
        return said(error)


def line_of(error: BaseException, path: str) -> int:
    """The deepest line of the file in the traceback."""
    found, step = 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == path:
            found = step.tb_lineno
        step = step.tb_next
    return getattr(error, "lineno", None) or found if isinstance(error, SyntaxError) else found


class Report:
    """Writes one object a line, at once, so that a killed process loses nothing that it had done."""

    def __init__(self, path: str) -> None:
        """Open the file."""
        self._file, self._pid = open(path, "w", encoding="utf-8"), os.getpid()

    def write(self, **fields: Any) -> None:
        """Add a line; a child that was forked by the code adds none."""
        if os.getpid() == self._pid:
            self._file.write(json.dumps(fields) + "\n")
            self._file.flush()


def module(name: str) -> dict[str, Any]:
    """The names of a module that is there: dataclasses, enums and pickle look theirs up."""
    KEPT.append(sys.modules.get(name))  # what this program itself runs in stays alive
    made = sys.modules[name] = types.ModuleType(name)
    return made.__dict__


def run_checks(spec: dict[str, Any], report: Report) -> None:
    """Run the code once, then each check in a copy of its names."""
    names = module("checked")
    names.update(__file__=spec["path"], __package__=spec["package"])
    sys.path[0] = spec["start"]
    with open(spec["path"], encoding="utf-8") as file:
        text = file.read()
    report.write(loaded=_within(spec["seconds"], text, spec["path"], names))
    for number, check in enumerate(spec["checks"]):
        own = dict(names)
        raised = _within(spec["seconds"], check, "<check>", own)
        report.write(check=number, raised=raised, seen=shown(own["_seen_"]) if "_seen_" in own else None)


def _within(seconds: float, text: str, path: str, names: dict[str, Any]) -> str:
    try:
        signal.signal(signal.SIGALRM, _too_late)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        exec(compile(text, path, "exec", dont_inherit=True), names)
    except BaseException as error:
        return said(error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return ""


def _too_late(_number: int, _frame: Any) -> None:
    raise Late


def run_script(spec: dict[str, Any], report: Report) -> None:
    """Run the file as the main program; the value of an expression that ends it is told, as an interpreter would."""
    path = spec["path"]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    sys.argv[:] = [path]
    names = module("__main__")
    names.update(__file__=path, __builtins__=__builtins__)
    try:
        tree = ast.parse(text, path)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path, "exec", dont_inherit=True), names)
        value = eval(_expression(last.value, path), names) if isinstance(last, ast.Expr) else None
        report.write(value=None if value is None else shown(value))
    except SystemExit as error:
        sys.stdout.flush()
        report.write(value=None)
        raise error from None
    except BaseException as error:
        kind, _, message = said(error).partition(": ")
        report.write(raised=[kind, message, line_of(error, path)])
        sys.stdout.flush()
        traceback.print_exception(type(error), error, _own(error.__traceback__, path))
        sys.exit(1)


def _expression(node: ast.expr, path: str) -> Any:
    return compile(ast.Expression(node), path, "eval", dont_inherit=True)


def _own(step: Any, path: str) -> Any:
    """The traceback from the file's first line on."""
    while step is not None and step.tb_frame.f_code.co_filename != path:
        step = step.tb_next
    return step


def main() -> None:
    """Do what the spec says."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    sys.path[0] = os.path.dirname(spec["path"])  # noqa: PTH120 - as Python itself does for a script
    report = Report(spec["report"])
    if "checks" in spec:
        run_checks(spec, report)
    else:
        run_script(spec, report)


if __name__ == "__main__":
    main()
