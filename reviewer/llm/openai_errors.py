"""What can go wrong between here and a server, in words; and what is worth another try."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..errors import AnswerError, ModelError
from .endpoint import KEYS_BY_HOST, OWN_KEY, SERVICE, Endpoint

if TYPE_CHECKING:
    import openai

PAUSE = 0.5
TOO_LONG = ("context_length", "context length", "context size", "maximum context", "too many tokens")


class BrokenOffError(ModelError):
    """An answer that broke off: the server may do better the next time."""


def in_time(error: Exception, attempt: int, deadline: float) -> float | None:
    """How many seconds to wait before asking again; None when it is no use, or would come too late."""
    import openai  # noqa: PLC0415

    passing = (openai.RateLimitError, openai.InternalServerError, openai.APIConnectionError, BrokenOffError)
    if not isinstance(error, passing) or isinstance(error, openai.APITimeoutError):
        return None
    wait = _retry_after(error)
    if wait is None:
        wait = PAUSE * 2 ** (attempt - 1)
    return wait if time.monotonic() + wait < deadline else None


def _retry_after(error: Exception) -> float | None:
    """What the server asks for, in seconds."""
    response = getattr(error, "response", None)
    value = response.headers.get("retry-after", "") if response is not None else ""
    try:
        return max(0.0, float(value))
    except ValueError:
        return None


def explained(error: openai.APIError | BrokenOffError, place: Endpoint, model: str) -> ModelError:
    """The error for the user. What the server says of a key is not repeated: it may quote it."""
    import openai  # noqa: PLC0415

    if isinstance(error, BrokenOffError):
        return error
    if isinstance(error, openai.APITimeoutError):
        return ModelError("the model did not finish in time", "give it more time, or ask a faster model")
    if isinstance(error, openai.APIConnectionError):
        return ModelError(f"{place.base_url} cannot be reached", "is the server running? see base_url")
    if any(word in f"{error.code} {error.message}".lower() for word in TOO_LONG):
        return AnswerError("the prompt does not fit the model's context", "review a smaller unit, or use another model")
    return _by_status(error, place, model)


def _by_status(error: openai.APIError, place: Endpoint, model: str) -> ModelError:
    status, host = getattr(error, "status_code", None), place.host
    if status in {401, 403}:
        names = [OWN_KEY, *(name for end, name in KEYS_BY_HOST.items() if host.endswith(end))]
        return ModelError(
            f"{host} does not accept the key", f"see {' or '.join(names)}, or: keyring set {SERVICE} {host}"
        )
    if status == 429:
        after = _retry_after(error)
        when = f"; it asks to wait for {after:g} seconds" if after is not None else ""
        return ModelError(f"{host} has had too many requests{when}", "wait, or use another model")
    if status == 404:
        return ModelError(f"{host} has no model {model!r}, or nothing at {place.base_url}", "see model and base_url")
    return ModelError(f"{host} failed{f' with status {status}' if status else ''}: {error.message[:200]}")
