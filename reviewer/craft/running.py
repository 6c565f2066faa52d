"""A script run in the sandbox: how it ended, why, and a correction that was run too."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..errors import ModelError
from ..tasks.mend import repaired, why
from ..tasks.session import Session
from .box import Box, Ran

CLIP = 200_000


@dataclass(frozen=True, slots=True)
class Execution:
    """How a script ended: `ended` is "ok", "syntax error", "exception", "exit", "time limit" or "killed".

    `exit_code` is None where it was killed at a limit; `raised` is the exception in one line and `line` the script's
    deepest line in it (0: none); `imports` are the modules that do not come with Python. `why` and `repair` are the
    model's; the repair is a whole script that was run to its end, `repair_note` says what became of it.
    """

    ended: str
    exit_code: int | None
    output: str
    errors: str
    clipped: bool
    value: str
    raised: str
    line: int
    imports: tuple[str, ...]
    seconds: float
    why: str = ""
    repair: str = ""
    repair_note: str = ""


def execute(
    box: Box, code: str, seconds: float, session: Callable[[], Session] | None, stage: Callable[[str], None]
) -> Execution:
    """Run a script for at most `seconds`; where it fails, `session` gives a model to ask for the reason and a repair.

    Without a session nothing is asked. Raises nothing for what the script does, nor for a model that fails.
    """
    stage("running it in the sandbox")
    first = _syntax(code) or _ran(code, box.execute(code, seconds))
    if first.ended not in {"syntax error", "exception"} or session is None:
        return first
    try:
        stage("asking the model why")
        return _mended(box, code, seconds, session(), first, stage)
    except ModelError as error:
        hint = f" ({error.hint})" if error.hint else ""
        return replace(first, repair_note=f"no model was asked: {error.message}{hint}")


def _syntax(code: str) -> Execution | None:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        said = f"{type(error).__name__}: {getattr(error, 'msg', error)}"
        line = getattr(error, "lineno", None) or 0
        return Execution("syntax error", None, "", "", False, "", said, line, (), 0.0)
    return None


def _ran(code: str, ran: Ran) -> Execution:
    done = ran.done
    raised = f"{ran.raised}: {ran.message}".strip(": ") if ran.raised else ""
    return Execution(
        _ending(ran),
        done.exit_code,
        done.stdout[:CLIP].decode("utf-8", "replace"),
        done.stderr[-CLIP:].decode("utf-8", "replace"),
        done.clipped or len(done.stdout) > CLIP or len(done.stderr) > CLIP,
        ran.value,
        raised,
        ran.line,
        imports_of(code),
        round(done.seconds, 3),
    )


def _ending(ran: Ran) -> str:
    code = ran.done.exit_code
    if ran.raised:
        return "exception"
    if code is None:
        return "time limit"
    # A shell's, or bwrap's, way to say that a signal ended the program.
    return "ok" if code == 0 else "killed" if code < 0 or code > 128 else "exit"


def imports_of(code: str) -> tuple[str, ...]:
    """The modules that a script imports and that do not come with Python, in order."""
    found: dict[str, None] = {}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= dict.fromkeys(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found[node.module.partition(".")[0]] = None
    return tuple(name for name in found if name not in sys.stdlib_module_names)


def _mended(
    box: Box, code: str, seconds: float, session: Session, first: Execution, stage: Callable[[str], None]
) -> Execution:
    ended = first.raised + (f" (line {first.line}: {_line(code, first.line)})" if first.line else "")
    reason = why(session, code, ended)
    stage("trying a correction")
    text = repaired(session, code, ended)
    if not text or text == code:
        return replace(first, why=reason, repair_note="the model had no correction")
    again = _syntax(text) or _ran(text, box.execute(text, seconds))
    if again.ended != "ok":
        note = f"the model's correction does not run to its end either: {again.raised or again.ended}"
        return replace(first, why=reason, repair_note=note)
    note = "run to its end in the sandbox; whether it does what was meant was not checked"
    return replace(first, why=reason, repair=text, repair_note=note)


def _line(code: str, number: int) -> str:
    lines = code.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""
