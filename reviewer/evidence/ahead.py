"""Bandit, started before it is known what it is to look at: it takes ten times longer to import than to look."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..spawn import abandon, begin

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

    from ..process import Done

# -P and -E keep modules of the reviewed tree and of PYTHONPATH from being imported in bandit's place.
PYTHON = ("-P", "-E")
PLACE = "/"
# Bandit draws no bar for us, and what it would draw one with is a quarter of what it imports.
PROGRAM = """
import gc, json, os, sys, types
gc.disable()
bar = sys.modules["rich.progress"] = types.ModuleType("rich.progress")
bar.track = lambda sequence, *_, **__: sequence
from bandit.cli.main import main
gc.enable()
sys.argv[1:] = json.load(sys.stdin)
try:
    main()
except SystemExit as end:
    sys.stdout.closed or sys.stdout.flush()
    os._exit(end.code or 0)
"""

_waiting: list[subprocess.Popen[bytes]] = []


@contextmanager
def bandit_ahead() -> Iterator[None]:
    """Have bandit wait for the first who needs it within; raises ToolError when Python cannot be started."""
    _waiting.append(begin((sys.executable, *PYTHON, "-c", PROGRAM), cwd=PLACE))
    try:
        yield
    finally:
        while _waiting:
            abandon(_waiting.pop())


def bandit(arguments: Sequence[str], timeout: float) -> Done:
    """Run bandit, the one that waits if there is one. Raises as `process.run` does."""
    import json  # noqa: PLC0415 - bandit is to be started before these are imported

    from ..process import finish  # noqa: PLC0415

    process = _waiting.pop() if _waiting else begin((sys.executable, *PYTHON, "-c", PROGRAM), cwd=PLACE)
    command = (sys.executable, *PYTHON, "-m", "bandit", *arguments)
    return finish(process, command, stdin=json.dumps(arguments).encode(), timeout=timeout)
