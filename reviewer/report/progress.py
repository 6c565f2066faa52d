"""What the user sees while a review runs: on standard error, and gone when the report comes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Protocol

from .sanitise import visible

if TYPE_CHECKING:
    from rich.status import Status

TAIL = 60


class Progress(Protocol):
    """Told by the pipeline what goes on. No method may fail a review."""

    def stage(self, name: str) -> None:
        """A stage begins."""

    def unit(self, label: str, done: int, total: int) -> None:
        """A unit is being worked on; `done` of `total` are finished."""

    def text(self, piece: str) -> None:
        """A piece of the model's answer, as it comes."""

    def close(self) -> None:
        """The work is over; nothing stays on the screen. May be called twice."""


class Silent:
    """Shows nothing."""

    def stage(self, name: str) -> None:
        """Nothing."""

    def unit(self, label: str, done: int, total: int) -> None:
        """Nothing."""

    def text(self, piece: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Plain(Silent):
    """One line for each stage, for logs."""

    def __init__(self, stream: IO[str]) -> None:
        """Write to that stream."""
        self._stream = stream

    def stage(self, name: str) -> None:
        """Write the line."""
        self._stream.write(f"llm-review: {visible(name, lines=False)}\n")
        self._stream.flush()


class Live:
    """One line at the bottom of a terminal: the stage, the unit, the end of what the model is writing."""

    def __init__(self, stream: IO[str]) -> None:
        """Show the line on that stream, which is a terminal."""
        self._stream = stream
        self._status: Status | None = None
        self._stage, self._unit, self._tail = "", "", ""

    def stage(self, name: str) -> None:
        """Show the stage alone."""
        self._stage, self._unit, self._tail = name, "", ""
        self._show()

    def unit(self, label: str, done: int, total: int) -> None:
        """Show the unit and how many there are."""
        self._unit, self._tail = f"  {done}/{total} {label}", ""
        self._show()

    def text(self, piece: str) -> None:
        """Show the end of the answer so far."""
        self._tail = (self._tail + piece)[-TAIL:]
        self._show()

    def close(self) -> None:
        """Take the line away."""
        if self._status:
            self._status.stop()
        self._status = None

    def _show(self) -> None:
        from rich.text import Text  # noqa: PLC0415 - only at a terminal

        from .terminal import rich_console  # noqa: PLC0415

        tail = f"  {' '.join(self._tail.split())}" if self._tail else ""
        line = Text(visible(self._stage + self._unit, lines=False), no_wrap=True, overflow="ellipsis")
        line.append(visible(tail, lines=False), style="dim")
        if self._status is None:
            self._status = rich_console(self._stream).status(line, refresh_per_second=8)
            self._status.start()
        self._status.update(line)


def progress_for(
    stream: IO[str], *, quiet: bool = False, verbose: bool = False, environ: Mapping[str, str] = os.environ
) -> Progress:
    """A live line on a terminal, a line for each stage in CI or when `verbose`, and silence otherwise."""
    if quiet:
        return Silent()
    if stream.isatty() and environ.get("TERM") != "dumb" and not environ.get("CI"):
        return Live(stream)
    return Plain(stream) if verbose or environ.get("CI") else Silent()
