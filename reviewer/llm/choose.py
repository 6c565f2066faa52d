"""From the settings' words to a provider."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError, UsageError
from ..settings import Settings
from .base import Provider
from .cache import Cached
from .catalog import CATALOG, find
from .download import locate, verified_sha256
from .dryrun import DryRun
from .endpoint import endpoint
from .llamacpp import Keep, LlamaCpp
from .openai import OpenAi
from .redact import Redacted
from .store import Store, folder
from .transformers import Source, Transformers

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
    return Cached(provider, identity, Store(folder())) if settings.cache else provider


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
    gpu = gpu_here()
    if not gpu:
        return Pick("llamacpp", "the embedded engine, as no GPU was found")
    missing = [name for name in ("torch", "transformers") if importlib.util.find_spec(name) is None]
    if missing:
        return Pick(
            "llamacpp", f'the embedded engine, as {missing[0]} is not installed: pip install "llm-review[transformers]"'
        )
    return Pick("transformers", f"there is a GPU ({gpu})")


def gpu_here(environ: Mapping[str, str] = os.environ) -> str:
    """The kind of GPU, "" without one: by its driver, as importing PyTorch to ask it takes seconds."""
    if environ.get("CUDA_VISIBLE_DEVICES", "0") in {"", "-1"}:
        return ""
    if Path("/dev/nvidiactl").exists() or shutil.which("nvidia-smi"):
        return "CUDA"
    if Path("/dev/kfd").exists():
        return "ROCm"
    return "MPS" if (sys.platform, platform.machine()) == ("darwin", "arm64") else ""


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


def _transformers(settings: Settings) -> Made:
    """A catalogue name stands for its weights on the hub, else its GGUF file; any other is the hub's, or a folder."""
    model = settings.model
    sources: tuple[Source, ...]
    if _is_file_name(model):
        _check_file(model)
        path = Path(model).expanduser()
        sources, identity = (_gguf(path),), _file_identity(path)
    elif entry := CATALOG.get(model):
        sources, identity = ((entry.weights, SAFE), _gguf(locate(entry))), entry.weights
    else:
        place = Path(model).expanduser()
        here = place.is_dir()
        sources, identity = ((str(place) if here else model, SAFE),), _folder_identity(place) if here else model
    provider = Transformers(model, sources, settings.device, settings.dtype)
    return provider, f"transformers {identity} {settings.device} {settings.dtype}"


def _gguf(path: Path) -> Source:
    return str(path.parent), {"gguf_file": path.name}


def _folder_identity(place: Path) -> str:
    files = sorted(path for path in place.iterdir() if path.suffix in {".safetensors", ".json"})
    return " ".join(_file_identity(path) for path in files)


SAFE = {"use_safetensors": True}
PROVIDERS: dict[str, Callable[[Settings], Made]] = {
    "llamacpp": _llamacpp,
    "transformers": _transformers,
    "openai": _openai,
}
