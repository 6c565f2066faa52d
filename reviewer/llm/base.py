"""What a provider is: text in, samples out. Providers know nothing of reviews."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..review import ModelInfo, Skipped, Usage

OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One question. `system` and `shared` are the fixed beginning (same bytes every time, so that the provider's prefix
    cache holds them); `prompt` is what varies and comes last, in the same user turn as `shared`.

    `schema` is a JSON Schema that the reply must satisfy, or None for free text. `prefill` is the beginning of the
    answer that the model must go on from; replies do not repeat it. `logprobs` above 0 asks for the probability of each
    token and of that many others in its place. `timeout` is in seconds for the whole request.
    """

    system: str
    shared: str
    prompt: str
    schema: Mapping[str, Any] | None = None
    prefill: str = ""
    max_tokens: int = 512
    temperature: float = 0.0
    samples: int = 1
    seed: int = 0
    stop: tuple[str, ...] = ()
    logprobs: int = 0
    timeout: float = 120.0


@dataclass(frozen=True, slots=True)
class Token:
    """One token of an answer, the natural logarithm of its probability, and the likeliest tokens with theirs."""

    text: str
    logprob: float
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer: its text, why it ended, "stop" or "length" (cut), and its tokens where `logprobs` were asked for."""

    text: str
    finish: str
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The answers to one request, what they cost, the seconds they took, and what the user should be told of it."""

    samples: tuple[Sample, ...]
    usage: Usage
    seconds: float
    notes: tuple[Skipped, ...] = ()


class Provider(Protocol):
    """A source of answers."""

    @property
    def info(self) -> ModelInfo:
        """What model this is; does not load it."""

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        """Answer a request; `on_text` gets the pieces of the first sample as they come.

        Loads the model at first use. Raises ModelError (time-out, engine failure), and of those AnswerError where only
        this question is to blame (context overflow, empty, refused), with a hint. KeyboardInterrupt
        passes through at once, within a second.
        """

    def close(self) -> None:
        """Release the model. May be called twice."""
