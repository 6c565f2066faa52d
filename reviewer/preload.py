"""Imports what will be needed, while git is waited for: importing takes as long as all that git is asked."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module


def preload(names: Sequence[str]) -> None:
    """Begin to import modules in another thread. What cannot be imported is told by who needs it."""
    threading.Thread(target=_import, args=(names,), daemon=True).start()


def _import(names: Sequence[str]) -> None:
    for name in names:
        with suppress(ImportError):
            import_module(name)
