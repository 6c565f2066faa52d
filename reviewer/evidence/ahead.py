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
import contextlib, gc, io, json, os, sys, types
gc.disable()
bar = sys.modules["rich.progress"] = types.ModuleType("rich.progress")
bar.track = lambda sequence, *_, **__: sequence
from bandit.cli.main import main
gc.enable()

class Text(io.StringIO):
    name = sys.stdout.name
    def close(self):
        pass

found = {"results": [], "errors": []}
for words in json.load(sys.stdin):
    sys.argv[1:], text = words, Text()
    try:
        with contextlib.redirect_stdout(text):
            main()
    except SystemExit as end:
        if end.code:
            raise
    said = json.loads(text.getvalue())
    for part, entries in found.items():
        entries += said[part]
    if not said["results"]:
        break
json.dump(found, sys.stdout)
sys.stdout.flush()
os._exit(0)
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


def bandit(runs: Sequence[Sequence[str]], timeout: float) -> Done:
    """Run bandit, the one that waits if there is one, with one list of arguments after the other.

    It prints "results" and "errors" of all runs together; the first that finds nothing is the last. Raises as
    `process.run` does.
    """
    import json  # noqa: PLC0415 - bandit is to be started before these are imported

    from ..process import finish  # noqa: PLC0415

    process = _waiting.pop() if _waiting else begin((sys.executable, *PYTHON, "-c", PROGRAM), cwd=PLACE)
    command = (sys.executable, *PYTHON, "-m", "bandit", *(word for words in runs for word in words))
    return finish(process, command, stdin=json.dumps(runs).encode(), timeout=timeout)
