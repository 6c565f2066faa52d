"""A request in the words of OpenAI's chat completions, and its streamed answer put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import AnswerError
from ..review import Skipped, Usage
from .base import OnText, Reply, Request, Sample, Token
from .chat import messages
from .openai_errors import BrokenOffError

BEGIN = "\n\nBegin your answer with exactly this: "


def asked_for(request: Request, model: str, goes_on: bool) -> dict[str, Any]:
    """The request's body. Where the server does not go on with a begun answer, the beginning is asked for in words."""
    body: dict[str, Any] = {
        "model": model, "messages": messages(request) if goes_on else _in_words(request), "stream": True,
        "stream_options": {"include_usage": True}, "max_tokens": request.max_tokens, "n": request.samples,
        "temperature": request.temperature, "seed": request.seed, "extra_body": {},
    }  # fmt: skip
    if request.stop and (goes_on or not request.prefill):
        body["stop"] = list(request.stop)
    if request.prefill and goes_on:
        # vLLM must be told; others do it by themselves and ignore these words.
        body["extra_body"] = {"continue_final_message": True, "add_generation_prompt": False}
    if request.logprobs:
        body |= {"logprobs": True, "top_logprobs": request.logprobs}
    if request.schema is not None:
        form = {"name": "answer", "schema": dict(request.schema), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    return body


def _in_words(request: Request) -> list[dict[str, str]]:
    turns = [turn for turn in messages(request) if turn["role"] != "assistant"]
    if request.prefill:
        turns[-1]["content"] += BEGIN + request.prefill
    return turns


@dataclass(slots=True)
class Answer:
    """The chunks of one answer. `goes_on`: the server went on with the request's prefill, as far as it has one."""

    request: Request
    on_text: OnText | None
    goes_on: bool
    texts: dict[int, list[str]] = field(default_factory=dict)
    tokens: dict[int, list[Token]] = field(default_factory=dict)
    finish: dict[int, str] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)

    def add(self, chunk: Any) -> None:
        """Take one chunk."""
        for choice in chunk.choices or ():
            self._choice(choice)
        if chunk.usage:
            details = chunk.usage.prompt_tokens_details
            cached = (details.cached_tokens if details else 0) or 0
            self.usages.append(Usage(chunk.usage.prompt_tokens, cached, chunk.usage.completion_tokens))

    def _choice(self, choice: Any) -> None:
        index, delta = choice.index, choice.delta
        if delta.refusal:
            self.refusals.append(delta.refusal)
        if delta.content:
            self.texts.setdefault(index, []).append(delta.content)
            if index == 0 and self.on_text is not None:
                self.on_text(delta.content)
        if choice.logprobs and choice.logprobs.content:
            self.tokens.setdefault(index, []).extend(_token(t) for t in choice.logprobs.content)
        if choice.finish_reason:
            self.finish[index] = choice.finish_reason

    def reply(self, notes: tuple[Skipped, ...]) -> Reply:
        """All samples that came. Raises AnswerError for a refusal and for no answer, BrokenOffError for half of one."""
        if self.refusals or "content_filter" in self.finish.values():
            raise AnswerError(f"the model refused to answer: {''.join(self.refusals)[:200] or 'a filter stopped it'}")
        if not self.finish or self.texts.keys() - self.finish.keys():
            raise BrokenOffError("the answer broke off")
        samples = tuple(self._sample(index) for index in sorted(self.finish))
        if not any(sample.text.strip() for sample in samples):
            raise AnswerError("the model gave an empty answer", "try another model")
        prompt = max((u.prompt for u in self.usages), default=0)
        cached = min((u.cached for u in self.usages), default=0)
        usage = Usage(prompt, cached, sum(u.completion for u in self.usages))
        return Reply(samples[: self.request.samples], usage, 0.0, notes)

    def _sample(self, index: int) -> Sample:
        finish = "length" if self.finish[index] == "length" else "stop"
        text = "".join(self.texts.get(index, ()))
        begun = self.request.prefill
        if begun and begun.strip() in text and (not self.goes_on or text.lstrip().startswith(begun.strip())):
            text = text.split(begun.strip(), 1)[1].removeprefix(begun[len(begun.rstrip()) :])
            text, finish = _stopped(text, self.request.stop, finish)
        return Sample(text, finish, tuple(self.tokens.get(index, ())))


def _stopped(text: str, stop: tuple[str, ...], finish: str) -> tuple[str, str]:
    """The text up to the first stop word, where the server was not told of them."""
    ends = [place for word in stop if (place := text.find(word)) >= 0]
    return (text[: min(ends)], "stop") if ends else (text, finish)


def _token(token: Any) -> Token:
    others = tuple((other.token, other.logprob) for other in token.top_logprobs or ())
    return Token(token.token, token.logprob, others)
