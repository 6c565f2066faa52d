"""Secrets are taken out of what is sent to another machine, and put back into its answers.

What a secret is, detect-secrets says. Names are none: `os.environ["TOKEN"]` and `password = get()` stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..errors import ModelError
from ..review import ModelInfo, Skipped
from .base import OnText, Provider, Reply, Request

_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_ANNOTATION = re.compile(r"(?<=\w):[ \w\[\]|.,]+=")
_REST_OF_TOKEN = re.compile(r"[\w-]*")
ENTROPY = ("Base64 High Entropy String", "Hex High Entropy String")
KEYWORD = "Secret Keyword"
SHORTEST_RANDOM = 20


class Redacted:
    """A Provider that shows another one no secrets; the other one is on another machine."""

    def __init__(self, provider: Provider) -> None:
        """Keep the provider."""
        self._provider = provider

    @property
    def info(self) -> ModelInfo:
        """What model this is; does not load it."""
        return self._provider.info

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        """Answer a request; see `Provider.complete`."""
        found = secrets_in("\n".join((request.system, request.shared, request.prompt, request.prefill)))
        if not found:
            return self._provider.complete(request, on_text)
        names = {secret: f"REDACTED_SECRET_{n}" for n, secret in enumerate(found, 1)}
        hidden = replace(
            request,
            system=hide(request.system, names),
            shared=hide(request.shared, names),
            prompt=hide(request.prompt, names),
            prefill=hide(request.prefill, names),
        )
        reply = self._provider.complete(hidden, on_text)
        note = Skipped("secrets", "what looks like one was not sent to the model", harmless=True)
        samples = tuple(replace(sample, text=_show(sample.text, names)) for sample in reply.samples)
        return replace(reply, samples=samples, notes=(*reply.notes, note))

    def close(self) -> None:
        """Release the model. May be called twice."""
        self._provider.close()


def secrets_in(text: str) -> tuple[str, ...]:
    """The secrets of a text, the longest first. Raises ModelError when the detector is not installed."""
    try:
        from detect_secrets.core.scan import scan_line  # noqa: PLC0415 - half a second
        from detect_secrets.settings import default_settings  # noqa: PLC0415
    except ImportError as error:
        hint = 'pip install "llm-review[openai]"'
        raise ModelError("nothing is sent: the detector of secrets is not installed", hint) from error
    found = {match.group(): None for match in _PEM.finditer(text)}
    with default_settings():
        for line in text.splitlines():
            plain = _ANNOTATION.sub(" =", line)
            for one in (line, plain) if plain != line else (line,):
                found.update(
                    (s, None) for hit in scan_line(one) for s in _whole(hit.type, hit.secret_value or "", line)
                )
    return tuple(sorted(found, key=len, reverse=True))


def _whole(kind: str, value: str, line: str) -> Iterator[str]:
    """What of a hit is a secret: all of the token that it begins; what is only random, if long and in quotes."""
    if not value or kind == "Private Key":
        return
    if kind in ENTROPY:
        if len(value) >= SHORTEST_RANDOM and any(q + value + q in line for q in "\"'"):
            yield value
    elif kind == KEYWORD:
        yield value
    elif (start := line.find(value)) >= 0:
        rest = _REST_OF_TOKEN.match(line, start + len(value))
        yield value + (rest.group() if rest else "")


def hide(text: str, names: Mapping[str, str]) -> str:
    """The text with names in the place of secrets. One that might be an identifier is replaced in quotes alone."""
    for secret, name in names.items():
        if secret.isidentifier():
            text = re.sub(rf"(?<=[\"']){re.escape(secret)}(?=[\"'])", name, text)
        else:
            text = text.replace(secret, name)
    return text


def _show(text: str, names: Mapping[str, str]) -> str:
    secrets = {name: secret for secret, name in names.items()}
    return re.sub(r"REDACTED_SECRET_\d+", lambda match: secrets.get(match.group(), match.group()), text)
