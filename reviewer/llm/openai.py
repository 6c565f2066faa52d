"""A model behind an HTTP server that speaks OpenAI's chat completions: vLLM, Ollama, llama-server, LM Studio, Azure.

What servers differ in is found out by asking: a parameter that one refuses by name is left out, and that is said.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import AnswerError, ModelError
from ..review import ModelInfo, Skipped
from .base import OnText, Reply, Request
from .endpoint import Endpoint, key_for
from .openai_errors import BrokenOffError, explained, in_time
from .openai_stream import Answer, asked_for
from .schema import problem_of

if TYPE_CHECKING:
    import openai

ATTEMPTS = 3
MAX_SAMPLES = 8
# What a server may refuse by name, and what then takes its place, if anything does.
OPTIONAL: dict[str, str] = {
    "max_tokens": "max_completion_tokens", "temperature": "", "seed": "", "stop": "", "n": "", "logprobs": "",
    "top_logprobs": "", "stream_options": "", "continue_final_message": "", "add_generation_prompt": "",
    "response_format": "",
}  # fmt: skip


class OpenAi:
    """A Provider over an endpoint. Nothing is imported or connected before the first request."""

    def __init__(self, place: Endpoint, model: str) -> None:
        """`model` is what the server calls it."""
        self._place, self._model = place, model
        self._client: openai.OpenAI | None = None
        self._refused: dict[str, str] = {}

    @property
    def info(self) -> ModelInfo:
        """What model this is; does not connect."""
        return ModelInfo("openai", self._model, "", self._place.remote)

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        """Answer a request; see `Provider.complete`. With a schema, a reply that breaks it is asked for once more."""
        if not 1 <= request.samples <= MAX_SAMPLES:
            raise ModelError(f"{request.samples} samples were asked for; 1 to {MAX_SAMPLES} can be had at once")
        begin = time.monotonic()
        reply = self._all(request, begin + request.timeout, on_text)
        if request.schema is not None and (problem := _first_problem(request, reply)):
            left = request.timeout - (time.monotonic() - begin)
            second = self._all(_shown(request, reply, problem), begin + request.timeout, on_text) if left > 0 else None
            if second is None or (problem := _first_problem(request, second)):
                raise AnswerError(f"the answer is not what was asked for: {problem}", "try another model")
            note = Skipped("model", "an answer did not fit the schema and was asked for again", harmless=True)
            reply = replace(second, usage=reply.usage + second.usage, notes=(*reply.notes, *second.notes, note))
        return replace(reply, seconds=time.monotonic() - begin)

    def close(self) -> None:
        """Close the connections. May be called twice."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _all(self, request: Request, deadline: float, on_text: OnText | None) -> Reply:
        """As many samples as were asked for: some servers give one at a time."""
        reply = self._tried(request, deadline, on_text)
        while missing := request.samples - len(reply.samples):
            later = replace(request, samples=missing, seed=request.seed + len(reply.samples))
            more = self._tried(later, deadline, None)
            reply = replace(
                reply,
                samples=reply.samples + more.samples,
                usage=reply.usage + more.usage,
                notes=tuple(dict.fromkeys((*reply.notes, *more.notes))),
            )
        return reply

    def _tried(self, request: Request, deadline: float, on_text: OnText | None) -> Reply:
        """Ask, and again after what may pass: too many requests, a server in trouble, a connection that broke."""
        import openai  # noqa: PLC0415 - a second, and only here

        attempt, notes = 0, dict[Skipped, None]()
        while True:
            answer = Answer(request, on_text, self._place.goes_on)
            try:
                with contextlib.closing(self._chunks(request, deadline)) as chunks:
                    for chunk in chunks:
                        answer.add(chunk)
                return answer.reply((*notes, *self._left_out()))
            except openai.BadRequestError as error:
                if not self._adapted(error):
                    raise explained(error, self._place, self._model) from error
            except (openai.APIError, BrokenOffError) as error:
                attempt += 1
                wait = in_time(error, attempt, deadline) if attempt < ATTEMPTS else None
                if wait is None:
                    raise explained(error, self._place, self._model) from error
                notes[Skipped("model", f"{self._place.host} was asked again: {_brief(error)}", harmless=True)] = None
                time.sleep(wait)

    def _chunks(self, request: Request, deadline: float) -> Generator[Any]:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ModelError("the model did not finish in time", "give it more time, or ask a faster model")
        stream = self._connected().chat.completions.create(**self._body(request), timeout=left)
        with stream:
            for chunk in stream:
                if time.monotonic() > deadline:
                    raise ModelError("the model did not finish in time", "give it more time, or ask a faster model")
                yield chunk

    def _body(self, request: Request) -> dict[str, Any]:
        body = asked_for(request, self._model, self._place.goes_on)
        for name, instead in self._refused.items():
            value = body.pop(name, None)
            body["extra_body"].pop(name, None)
            if instead and value is not None:
                body[instead] = value
        return body

    def _adapted(self, error: openai.BadRequestError) -> bool:
        """Leave out what the server names as refused; False when it is nothing that can be left out."""
        text = f"{error.param or ''} {error.message}"
        names = [n for n in OPTIONAL if n == error.param] or [
            n for n in OPTIONAL if n in text.replace("'", " ").split()
        ]
        if "json_schema" in text or "JSON schema" in text:
            names = ["response_format"]
        new = [name for name in names if name not in self._refused]
        self._refused.update({name: OPTIONAL[name] for name in new})
        return bool(new)

    def _left_out(self) -> Iterator[Skipped]:
        for name, instead in self._refused.items():
            if not instead:
                yield Skipped("model", f"{self._place.host} does not know the parameter {name}", harmless=True)

    def _connected(self) -> openai.OpenAI:
        if self._client is None:
            import openai  # noqa: PLC0415

            # No proxy between this machine and itself, and no way to be sent on to somewhere that was not allowed.
            web = openai.DefaultHttpxClient(follow_redirects=False, trust_env=self._place.remote)
            self._client = openai.OpenAI(
                api_key=key_for(self._place), base_url=self._place.base_url, max_retries=0, http_client=web
            )
        return self._client


def _brief(error: Exception) -> str:
    return f"{type(error).__name__} {getattr(error, 'status_code', '')}".strip()


def _first_problem(request: Request, reply: Reply) -> str:
    """What is wrong with the first sample that is whole and breaks the schema; a cut one is the caller's to judge."""
    whole = (request.prefill + s.text for s in reply.samples if s.finish == "stop")
    return next((p for text in whole if (p := problem_of(text, request.schema or {}))), "")


def _shown(request: Request, reply: Reply, problem: str) -> Request:
    """The request once more, with what was wrong: the schema itself too, as the server may know no constraint."""
    bad = next((s.text for s in reply.samples if problem_of(request.prefill + s.text, request.schema or {})), "")
    again = f"\n\nYour answer was:\n{bad[:800]}\nIt is wrong: {problem}\nAnswer with JSON alone, of this schema: "
    return replace(request, prompt=f"{request.prompt}{again}{dict(request.schema or {})}")
