"""From the settings' words to a provider."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import ModelError, UsageError
from ..settings import Settings
from . import cache
from .base import Provider
from .catalog import find
from .download import locate, verified_sha256
from .llamacpp import LlamaCpp

# A provider and what its model is, beyond doubt: the identity under which answers are kept.
Made = tuple[Provider, str]


def choose(settings: Settings) -> Provider:
    """The provider that the settings ask for, with kept answers before it; no model is loaded yet.

    Raises UsageError for an unknown provider and ModelError for a model that is unknown or not here.
    """
    make = PROVIDERS.get(settings.provider)
    if make is None:
        raise UsageError(f"no provider is called {settings.provider!r}", f"known: {', '.join(PROVIDERS)}")
    provider, identity = make(settings)
    return cache.Cached(provider, identity, cache.Store(cache.folder())) if settings.cache else provider


def check(model: str) -> None:
    """Raise ModelError when a model can be no model: a name that is not in the catalogue, a file that is not there."""
    if not _is_file_name(model):
        find(model)
    elif not Path(model).expanduser().is_file():
        raise ModelError(f"no such model file: {model}", "give the path of a .gguf file or a name in the catalogue")


def _is_file_name(model: str) -> bool:
    return model.lower().endswith(".gguf")


def _llamacpp(settings: Settings) -> Made:
    model = settings.model
    check(model)
    if _is_file_name(model):
        path = Path(model).expanduser()
        return LlamaCpp(path, path.stem), f"llamacpp {_file_identity(path)}"
    entry = find(model)
    sha256 = verified_sha256(entry)
    if not sha256:
        raise ModelError(f"model not downloaded: {entry.name}", f"llm-review model pull {entry.name}")
    return LlamaCpp(locate(entry), entry.name, sha256), f"llamacpp sha256 {sha256}"


def _file_identity(path: Path) -> str:
    """A file of the user's own is not hashed (that takes seconds): its place, size and time of change stand for it."""
    status = path.stat()
    return f"{path.resolve()} {status.st_size} {status.st_mtime_ns}"


PROVIDERS: dict[str, Callable[[Settings], Made]] = {"llamacpp": _llamacpp}
