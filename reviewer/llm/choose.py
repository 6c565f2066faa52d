"""From the settings' words to a provider."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import ModelError, UsageError
from .base import Provider
from .catalog import find
from .download import locate, verified_sha256
from .llamacpp import LlamaCpp


def choose(provider: str, model: str) -> Provider:
    """The provider of that name for a model, which is not loaded yet.

    `model` is a name in the catalogue or the path of a .gguf file. Raises UsageError for an unknown provider and
    ModelError for a model that is unknown or not here.
    """
    make = PROVIDERS.get(provider)
    if make is None:
        raise UsageError(f"no provider is called {provider!r}", f"known: {', '.join(PROVIDERS)}")
    return make(model)


def check(model: str) -> None:
    """Raise ModelError when a model can be no model: a name that is not in the catalogue, a file that is not there."""
    if not _is_file_name(model):
        find(model)
    elif not Path(model).expanduser().is_file():
        raise ModelError(f"no such model file: {model}", "give the path of a .gguf file or a name in the catalogue")


def _is_file_name(model: str) -> bool:
    return model.lower().endswith(".gguf")


def _llamacpp(model: str) -> Provider:
    check(model)
    if _is_file_name(model):
        path = Path(model).expanduser()
        return LlamaCpp(path, path.stem)
    entry = find(model)
    sha256 = verified_sha256(entry)
    if not sha256:
        raise ModelError(f"model not downloaded: {entry.name}", f"llm-review model pull {entry.name}")
    return LlamaCpp(locate(entry), entry.name, sha256)


PROVIDERS: dict[str, Callable[[str], Provider]] = {"llamacpp": _llamacpp}
