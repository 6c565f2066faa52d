"""From the settings' words to a provider."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError, UsageError
from ..settings import Settings
from . import cache
from .base import Provider
from .catalog import find
from .download import locate, verified_sha256
from .dryrun import DryRun
from .endpoint import endpoint
from .llamacpp import Keep, LlamaCpp
from .openai import OpenAi
from .redact import Redacted

# A provider and what its model is, beyond doubt: the identity under which answers are kept.
Made = tuple[Provider, str]


def choose(settings: Settings, shown: list[str] | None = None, background: bool = False) -> Provider:
    """The provider that the settings ask for, with kept answers before it; no model is loaded yet.

    With `shown`, nothing is asked of any model: what would be asked is added to that list. `background`: where a model
    is shared, the requests of other reviews come first.

    Raises UsageError for an unknown provider and ModelError for a model that is unknown or not here.
    """
    make = PROVIDERS.get(picked(settings).provider)
    if make is None:
        raise UsageError(f"no provider is called {settings.provider!r}", f"known: {', '.join(PROVIDERS)}")
    provider, identity = make(settings)
    if background and isinstance(provider, LlamaCpp):
        provider.give_way()
    if shown is not None:
        return _redacted(DryRun(provider.info, shown))
    provider = _redacted(provider)
    return cache.Cached(provider, identity, cache.Store(cache.folder())) if settings.cache else provider


def _redacted(provider: Provider) -> Provider:
    return Redacted(provider) if provider.info.remote else provider


@dataclass(frozen=True, slots=True)
class Pick:
    """A provider's name, and why it is that one."""

    provider: str
    why: str


def picked(settings: Settings) -> Pick:
    """What `auto` means here: never a server, as nothing leaves the machine unasked."""
    if settings.provider != "auto":
        return Pick(settings.provider, "it was chosen")
    return Pick("llamacpp", "the embedded engine")


def check(settings: Settings) -> None:
    """Raise ModelError when a model can be no model: a name that is not in the catalogue, a file that is not there.

    Raises UsageError for an address that code may not be sent to.
    """
    model = settings.model
    if settings.provider == "openai":
        endpoint(settings.base_url, settings.allow_remote)
    elif picked(settings).provider == "llamacpp":
        _check_file(model)


def _check_file(model: str) -> None:
    if not _is_file_name(model):
        find(model)
    elif not Path(model).expanduser().is_file():
        raise ModelError(f"no such model file: {model}", "give the path of a .gguf file or a name in the catalogue")


def _is_file_name(model: str) -> bool:
    return model.lower().endswith(".gguf")


def _llamacpp(settings: Settings) -> Made:
    model = settings.model
    _check_file(model)
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
    if picked(settings).provider != "llamacpp" or not settings.serve_idle:
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


def _openai(settings: Settings) -> Made:
    place = endpoint(settings.base_url, settings.allow_remote)
    return OpenAi(place, settings.model), f"openai {place.base_url} {settings.model}"


PROVIDERS: dict[str, Callable[[Settings], Made]] = {"llamacpp": _llamacpp, "openai": _openai}
