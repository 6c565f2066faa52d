"""Where questions are sent over HTTP: whether that is this machine, whether it is allowed, and with which key."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import UsageError

OPENAI = "https://api.openai.com/v1"
KEYS_BY_HOST = {"api.openai.com": "OPENAI_API_KEY", ".openai.azure.com": "AZURE_OPENAI_API_KEY"}
OWN_KEY = "LLM_REVIEW_API_KEY"
SERVICE = "llm-review"
ALLOW = "allow_remote = true in your own settings file, LLM_REVIEW_ALLOW_REMOTE=1 or --allow-remote, if it may"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address. `goes_on`: it continues an assistant's turn that was begun; OpenAI and Azure begin a new one."""

    base_url: str
    host: str
    remote: bool

    @property
    def goes_on(self) -> bool:
        """Whether an answer can be begun for the model there."""
        return not any(self.host.endswith(host) for host in KEYS_BY_HOST)


def endpoint(base_url: str, allow_remote: bool) -> Endpoint:
    """The address to ask, "" meaning OpenAI's. Raises UsageError: no address, or one that code may not be sent to."""
    url = base_url or OPENAI
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise UsageError(f"base_url {url!r} is no address: {error}", "http://localhost:8080/v1, for example") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError(f"base_url {url!r} is no address", "http://localhost:8080/v1, for example")
    remote = not is_loopback(host)
    if remote and not allow_remote:
        raise UsageError(f"code would be sent to {host}, and that was not allowed", ALLOW)
    return Endpoint(url, host, remote)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine beyond doubt: `localhost`, or an address of the loopback."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def key_for(place: Endpoint, environ: Mapping[str, str] = os.environ) -> str:
    """The key, from the environment, else the keyring; a server on this machine needs none. Raises UsageError.

    A key that was set for one host is not sent to another.
    """
    names = [OWN_KEY, *(name for host, name in KEYS_BY_HOST.items() if place.host.endswith(host))]
    found = next((environ[name] for name in names if environ.get(name)), "") or _from_keyring(place.host)
    if found or not place.remote:
        return found or "none"
    raise UsageError(f"there is no key for {place.host}", f"set {names[-1]}, or: keyring set {SERVICE} {place.host}")


def _from_keyring(host: str) -> str:
    if importlib.util.find_spec("keyring") is None:
        return ""
    import keyring  # noqa: PLC0415 - optional, and slow
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        return keyring.get_password(SERVICE, host) or ""
    except KeyringError:
        return ""
