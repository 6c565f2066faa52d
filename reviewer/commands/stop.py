"""`llm-review stop`: end the model servers, and the reviews that go on in the background."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time

from .. import later
from ..errors import ExitCode, ReviewError
from ..llm.serving import Door, doors
from ..report.base import counted

PATIENCE = 5.0


def run(arguments: argparse.Namespace) -> int:  # noqa: ARG001 - every command gets them
    """End them all, and say how many there were."""
    ended = sum(_end(door) for door in doors())
    reviews = later.cancel_all()
    also = f", {counted(reviews, 'review')} in the background ended" if reviews else ""
    sys.stdout.write(f"{counted(ended, 'model server')} stopped{also}\n")
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
