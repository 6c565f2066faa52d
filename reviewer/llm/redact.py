"""Secrets are taken out of what is sent to another machine, and put back into its answers.

What a secret is, detect-secrets says. Names are none: `os.environ["TOKEN"]` and `password = get()` stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

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
        hidden = replace(
            request,
            system=hide(request.system, found),
            shared=hide(request.shared, found),
            prompt=hide(request.prompt, found),
            prefill=hide(request.prefill, found),
        )
        reply = self._provider.complete(hidden, on_text)
        note = Skipped("secrets", "what looks like one was not sent to the model", harmless=True)
        samples = tuple(replace(sample, text=_show(sample.text, found)) for sample in reply.samples)
        return replace(reply, samples=samples, notes=(*reply.notes, note))

    def close(self) -> None:
        """Release the model. May be called twice."""
        self._provider.close()


def secrets_in(text: str) -> dict[str, bool]:
    """The secrets of a text, the longest first, and whether their form leaves no doubt."""
    from detect_secrets.core.scan import scan_line  # noqa: PLC0415 - half a second
    from detect_secrets.settings import default_settings  # noqa: PLC0415

    found = {match.group(): True for match in _PEM.finditer(text)}
    with default_settings():
        for line in text.splitlines():
            for seen in dict.fromkeys((line, _ANNOTATION.sub(" =", line))):
                for hit in scan_line(seen):
                    for secret, sure in _whole(hit.type, hit.secret_value or "", line):
                        found[secret] = sure or found.get(secret, False)
    return {secret: found[secret] for secret in sorted(found, key=len, reverse=True)}


def _whole(kind: str, value: str, line: str) -> Iterator[tuple[str, bool]]:
    """What of a hit is a secret: all of the token that it begins; what is only random, if long and in quotes."""
    if not value or kind == "Private Key":
        return
    if kind in ENTROPY:
        if len(value) >= SHORTEST_RANDOM and any(q + value + q in line for q in "\"'"):
            yield value, False
    elif kind == KEYWORD:
        yield value, False
    elif (start := line.find(value)) >= 0:
        rest = _REST_OF_TOKEN.match(line, start + len(value))
        yield value + (rest.group() if rest else ""), True


def hide(text: str, found: Mapping[str, bool]) -> str:
    """The text with names in the place of secrets; what may as well be an identifier is replaced in quotes alone."""
    for number, (secret, sure) in enumerate(found.items(), 1):
        name = f"REDACTED_SECRET_{number}"
        if secret.isidentifier() and not sure:
            text = re.sub(rf"(?<=[\"']){re.escape(secret)}(?=[\"'])", name, text)
        else:
            text = text.replace(secret, name)
    return text


def _show(text: str, found: Mapping[str, bool]) -> str:
    secrets = {f"REDACTED_SECRET_{number}": secret for number, secret in enumerate(found, 1)}
    return re.sub(r"REDACTED_SECRET_\d+", lambda match: secrets.get(match.group(), match.group()), text)
