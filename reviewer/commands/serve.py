"""`llm-review serve`: keep the model in memory, or say which models are."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from typing import Any

from ..errors import ExitCode, ModelError, ReviewError, UsageError
from ..llm.choose import warm
from ..llm.serving import Connection, doors
from ..settings import load, user_file

PATIENCE = 5.0


def run(arguments: argparse.Namespace) -> int:
    """Start the configured model's server, unless it runs; print a line for each server."""
    if not arguments.status and not warm(load(None, {"model": arguments.model}, user_file())):
        raise UsageError("no server is kept with these settings", "set serve_idle above 0, and provider to llamacpp")
    found = [line(status) for status in statuses()]
    sys.stdout.write("".join(found) or "no model server runs\n")
    return ExitCode.OK if found else ExitCode.BLOCKED


def statuses() -> list[dict[str, Any]]:
    """What each server says of itself."""
    found = []
    for door in doors():
        connection = door.enter()
        if connection is not None:
            with contextlib.closing(connection), contextlib.suppress(ReviewError):
                found.append(_asked(connection))
    return found


def _asked(connection: Connection) -> dict[str, Any]:
    connection.send({"status": True})
    answer = connection.receive(time.monotonic() + PATIENCE)
    if "status" not in answer:
        raise ModelError(str(answer.get("failed", answer)))
    status: dict[str, Any] = answer["status"]
    return status


def line(status: dict[str, Any]) -> str:
    """One server as a person reads it."""
    state = "computing" if status["waiting"] else "ready" if status["loaded"] else "loading"
    reviews = f"{status['reviews']} connected, {status['answered']} answered"
    memory = f"{status['memory'] / (1 << 20):,.0f} MB"
    ends = f"ends after {status['idle']:g} s without a review"
    return (
        f"{status['name']}  {state}  pid {status['pid']}  {memory}  up {status['seconds']:.0f} s  {reviews}  {ends}\n"
    )
