"""`llm-review stop`: end the model servers."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time

from ..errors import ExitCode, ReviewError
from ..llm.serving import Door, doors

PATIENCE = 5.0


def run(arguments: argparse.Namespace) -> int:  # noqa: ARG001 - every command gets them
    """End them all, and say how many there were."""
    ended = sum(_end(door) for door in doors())
    sys.stdout.write(f"{ended} model server{'' if ended == 1 else 's'} stopped\n")
    return ExitCode.OK


def _end(door: Door) -> bool:
    connection = door.enter()
    if connection is not None:
        with contextlib.closing(connection), contextlib.suppress(ReviewError):
            connection.send({"stop": "now"})
            # It says nothing more: this waits until it has ended.
            while True:
                connection.receive(time.monotonic() + PATIENCE)
    door.remove()
    return connection is not None
