"""From the settings' words to a provider."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from ..errors import ModelError, UsageError
from ..settings import Settings
from . import cache
from .base import Provider
from .catalog import find
from .download import locate, verified_sha256
from .llamacpp import Keep, LlamaCpp

# A provider and what its model is, beyond doubt: the identity under which answers are kept.
Made = tuple[Provider, str]


def choose(settings: Settings, background: bool = False) -> Provider:
    """The provider that the settings ask for, with kept answers before it; no model is loaded yet.

    `background`: where a model is shared, the requests of other reviews come first.

    Raises UsageError for an unknown provider and ModelError for a model that is unknown or not here.
    """
    make = PROVIDERS.get(settings.provider)
    if make is None:
        raise UsageError(f"no provider is called {settings.provider!r}", f"known: {', '.join(PROVIDERS)}")
    provider, identity = make(settings)
    if background and isinstance(provider, LlamaCpp):
        provider.give_way()
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
        return LlamaCpp(path, path.stem, keep=_keep(settings)), f"llamacpp {_file_identity(path)}"
    entry = find(model)
    sha256 = verified_sha256(entry)
    if not sha256:
        raise ModelError(f"model not downloaded: {entry.name}", f"llm-review model pull {entry.name}")
    return LlamaCpp(locate(entry), entry.name, sha256, keep=_keep(settings)), f"llamacpp sha256 {sha256}"


def warm(settings: Settings) -> bool:
    """Have the model's server started, so that it is there when it is needed; False where there is none to be kept.

    Raises ModelError for a model that is not here or cannot be loaded.
    """
    if settings.provider != "llamacpp" or not settings.serve_idle:
        return False
    provider, _ = _llamacpp(settings)
    with contextlib.closing(provider):
        if isinstance(provider, LlamaCpp):
            provider.warm()
    return True


def _keep(settings: Settings) -> Keep | None:
    return Keep(settings.serve_idle, settings.serve_memory << 20) if settings.serve_idle else None


def _file_identity(path: Path) -> str:
    """A file of the user's own is not hashed (that takes seconds): its place, size and time of change stand for it."""
    status = path.stat()
    return f"{path.resolve()} {status.st_size} {status.st_mtime_ns}"


PROVIDERS: dict[str, Callable[[Settings], Made]] = {"llamacpp": _llamacpp}
