"""A model file from the hub, by the `huggingface_hub` library (`HF_ENDPOINT`, proxies and tokens as it reads them)."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ModelError
from .catalog import Entry

# Seconds until the hub counts as out of reach: behind a closed network the packages must not wait for long.
REACH_TIMEOUT = 4.0
_SHA256 = re.compile(r"[0-9a-f]{64}")

Progress = Callable[[str, int, int], None]


class HubError(ModelError):
    """The hub is out of reach, or does not have the file."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """What the hub says of a file: SHA-256 and size in bytes."""

    sha256: str
    size: int


def look(entry: Entry) -> HubFile:
    """Ask the hub about the file. Raises HubError: not reached, not found, no hash, or another file than is pinned."""
    hub = _library()
    url = hub.hf_hub_url(entry.hub_repo, entry.hub_file, revision=entry.hub_revision, endpoint=_endpoint())
    try:
        found = hub.get_hf_file_metadata(url, timeout=REACH_TIMEOUT)
    except _failures() as error:
        raise HubError(f"the hub cannot give {entry.hub_repo}: {_brief(error)}", "is the network reachable?") from error
    sha256 = found.etag or ""
    if not _SHA256.fullmatch(sha256) or not found.size:
        raise HubError(f"the hub gives no SHA-256 for {entry.hub_repo}/{entry.hub_file}")
    if entry.sha256 and sha256 != entry.sha256:
        raise HubError(f"the hub has another {entry.hub_file}: expected SHA-256 {entry.sha256}, got {sha256}")
    return HubFile(sha256, found.size)


def fetch(entry: Entry, folder: Path, progress: Progress) -> Path:
    """Download the file into `folder`, going on where an earlier attempt was cut. Its hash is not checked here.

    Raises HubError.
    """
    hub = _library()
    try:
        path = hub.hf_hub_download(
            entry.hub_repo,
            entry.hub_file,
            revision=entry.hub_revision,
            endpoint=_endpoint(),
            local_dir=folder,
            etag_timeout=REACH_TIMEOUT,
            tqdm_class=_bar(hub, progress),
        )
    except _failures() as error:
        raise HubError(f"the download from the hub broke off: {_brief(error)}", "run the same command again") from error
    return Path(path)


def _library() -> Any:
    try:
        hub: Any = importlib.import_module("huggingface_hub")
    except ImportError as error:
        raise HubError("huggingface_hub is not installed", 'pip install "llm-review[local]"') from error
    hub.logging.set_verbosity_error()
    return hub


def _failures() -> tuple[type[BaseException], ...]:
    """What the library lets through: OSError, ValueError and the base class of its HTTP client's errors."""
    from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415

    return (OSError, ValueError, *(base for base in HfHubHTTPError.__mro__ if base.__name__ == "HTTPError"))


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT") or None


def _brief(error: BaseException) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__


def _bar(hub: Any, progress: Progress) -> type:
    """A progress bar that shows nothing and tells `progress`."""

    class Bar(hub.utils.tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "disable": True})
            self.done, self.whole = kwargs.get("initial") or 0, kwargs.get("total") or 0

        def update(self, n: float | None = 1) -> bool | None:
            self.done += int(n or 0)
            progress("downloading from the hub", self.done, self.whole)
            return None

    return Bar
