"""A GGUF model on this machine's CPU: llama.cpp, by the `xllamacpp` wheels, in a process of its own.

That process (`server.py`) is kept between reviews and shared by them, or else belongs to this provider alone; a
time-out is a message to it, and an interrupt or a crash costs no more than loading again.

The prompt of a request is one chat: system, then `shared` and `prompt` in one user turn, so that what two requests have
in common is computed once. Several samples are one request to the engine and share the whole prompt.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import AnswerError, ModelError, ReviewError
from ..review import ModelInfo, Skipped, Usage
from . import prefixes
from .base import OnText, Reply, Request, Sample, Token
from .chat import messages, plain
from .cores import physical_cores
from .gguf import read_header
from .serving import Connection, LostError, private, shared

# More samples than this in one request would need more slots; each costs a little memory even when it is not used.
MAX_SAMPLES = 8
# Prompt tokens computed at once: a cancelled request is noticed between two batches.
BATCH = 128
# Where the last so many tokens stood before, at most so many that came after them are drafted, and checked at once: an
# answer that repeats what it was shown is written a fifth faster, and others as fast as without. The drafts of all
# samples must be fewer than `BATCH`: llama.cpp ends the process where they are more.
DRAFTS = (6, BATCH // MAX_SAMPLES - 2)
# A server that holds more memory than its model file accounts for has a leak.
MEMORY_FACTOR, MEMORY_MORE = 1.25, 1 << 30


@dataclass(frozen=True, slots=True)
class Keep:
    """How a model is kept for the next review: for `idle` seconds, in at most `memory` bytes (0: as it needs)."""

    idle: float
    memory: int = 0


class LlamaCpp:
    """A Provider over a model file. Loads at the first request; `close` lets go of the model."""

    def __init__(
        self,
        path: Path,
        name: str,
        sha256: str = "",
        threads: int | None = None,
        context: int = 8192,
        keep: Keep | None = None,
    ) -> None:
        """`threads` None: the physical cores there are, which is also the most that is used.

        `keep` None: the model is loaded for this provider alone, and goes with it.
        """
        self._path, self._context, self._keep = path, context, keep
        self._info = ModelInfo("llamacpp", name, sha256)
        self._threads = min(threads or sys.maxsize, physical_cores())
        self._connection: Connection | None = None
        self._chat = True
        self._gives_way = False
        self._notes: tuple[Skipped, ...] = ()

    @property
    def info(self) -> ModelInfo:
        """What model this is; does not load it."""
        return self._info

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        """Answer a request; see `Provider.complete`. With a schema, `prefill` and the text together satisfy it."""
        if not 1 <= request.samples <= MAX_SAMPLES:
            raise ModelError(f"{request.samples} samples were asked for; 1 to {MAX_SAMPLES} can be had at once")
        begin = time.monotonic()
        try:
            return self._answer(request, on_text, begin)
        except LostError as error:
            kept, self._keep = self._keep, None
            self.close()
            if kept is None:
                raise
            # What brought the server down must not bring it down again for others: this review goes on by itself.
            self._notes = (Skipped("the model server", error.message, harmless=True),)
            return self._answer(request, on_text, begin)

    def warm(self) -> None:
        """See that the model is being loaded, and do not wait for it. Raises ModelError."""
        self._connected()

    def give_way(self) -> None:
        """From now on nobody waits for the answers: requests of other reviews come first."""
        self._gives_way = True

    def close(self) -> None:
        """Let go of the model. May be called twice."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _answer(self, request: Request, on_text: OnText | None, begin: float) -> Reply:
        connection = self._connected()
        answer = _Answer(request, self._context, on_text)
        question = {
            "chat": self._chat,
            "body": _body(request, self._chat),
            "fixed": messages(replace(request, prompt="", prefill="")) if self._chat else [],
            "background": self._gives_way,
        }
        events = connection.ask(question, begin + request.timeout)
        with contextlib.closing(events):
            for event in events:
                answer.add(event)
        return replace(answer.reply(time.monotonic() - begin), notes=self._notes)

    def _connected(self) -> Connection:
        if self._connection is None:
            if importlib.util.find_spec("xllamacpp") is None:
                raise ModelError("the engine for local models is not installed", 'pip install "llm-review[local]"')
            self._chat = read_header(self._path).chat_template
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> Connection:
        if self._keep is not None:
            try:
                return shared(self._settings())
            except ReviewError as error:
                self._keep = None
                self._notes = (Skipped("the model server", error.message, harmless=True),)
        return private(self._settings())

    def _settings(self) -> dict[str, Any]:
        """What the process with the model is started with; those of the same identity are interchangeable."""
        status = self._path.stat()
        fixed = {
            "path": str(self._path.resolve()),
            "context": self._context,
            "threads": self._threads,
            "samples": MAX_SAMPLES,
            "batch": BATCH,
            "drafts": DRAFTS,
        }
        version = (__version__, importlib.metadata.version("xllamacpp"), sys.version)
        identity = repr((version, status.st_size, status.st_mtime_ns, *fixed.values()))
        own = {"name": self._info.name, "identity": hashlib.sha256(identity.encode()).hexdigest()}
        keep = self._keep
        limit = keep.memory if keep and keep.memory else int(status.st_size * MEMORY_FACTOR) + MEMORY_MORE
        own["prefixes"] = _prefixes(own["identity"])
        return fixed | own | ({"idle": keep.idle, "memory": limit} if keep else {})


@dataclass(slots=True)
class _Answer:
    """The chunks of one request, put together."""

    request: Request
    context: int
    on_text: OnText | None
    texts: dict[int, list[str]] = field(default_factory=dict)
    tokens: dict[int, list[Token]] = field(default_factory=dict)
    finish: dict[int, str] = field(default_factory=dict)
    usages: list[Usage] = field(default_factory=list)
    learned: int = 0

    def add(self, event: dict[str, Any]) -> None:
        """Take one event; raises ModelError for an error and for a prompt that leaves no room for the answer."""
        if "again" in event:
            for kept in (self.texts, self.finish, self.usages):
                kept.clear()
            return
        if "learned" in event:
            self.learned += event["learned"]
            return
        chunk = event["chunk"]
        if "error" in chunk:
            raise self._refusal(chunk["error"])
        if "prompt_progress" in chunk:
            self._check_room(chunk["prompt_progress"]["total"])
        for choice in chunk.get("choices", ()):
            self._choice(choice)
        if usage := chunk.get("usage"):
            cached = usage.get("prompt_tokens_details", {}).get("cached_tokens", 0)
            self.usages.append(Usage(usage["prompt_tokens"], cached, usage["completion_tokens"]))

    def _choice(self, choice: dict[str, Any]) -> None:
        index = choice["index"]
        text = choice["text"] if "text" in choice else choice["delta"].get("content")
        if text:
            self.texts.setdefault(index, []).append(text)
            if index == 0 and self.on_text is not None:
                self.on_text(text)
        for token in (choice.get("logprobs") or {}).get("content") or ():
            self.tokens.setdefault(index, []).append(_token(token))
        if choice["finish_reason"]:
            self.finish[index] = "length" if choice["finish_reason"] == "length" else "stop"

    def _check_room(self, prompt: int) -> None:
        answers = self.request.max_tokens * self.request.samples
        if prompt + answers > self.context:
            raise self._overflow(prompt)

    def _overflow(self, prompt: int) -> ModelError:
        samples, most = self.request.samples, self.request.max_tokens
        return AnswerError(
            f"the prompt has {prompt} tokens; with {samples} answers of up to {most} tokens each "
            f"it does not fit the context of {self.context}",
            "review a smaller unit, or ask for a shorter answer",
        )

    def _refusal(self, error: dict[str, Any]) -> ModelError:
        if "n_prompt_tokens" in error:
            return self._overflow(error["n_prompt_tokens"])
        return ModelError(f"the engine refused the request: {error.get('message', error)}")

    def reply(self, seconds: float) -> Reply:
        """All samples; the prompt is counted once."""
        samples = tuple(
            Sample("".join(self.texts.get(i, ())), self.finish.get(i, "length"), tuple(self.tokens.get(i, ())))
            for i in range(self.request.samples)
        )
        prompt = max((u.prompt for u in self.usages), default=0)
        # What was computed for the first time while this question waited was not there before.
        cached = max(0, min((u.cached for u in self.usages), default=0) - self.learned)
        return Reply(samples, Usage(prompt, cached, sum(u.completion for u in self.usages)), seconds)


def _token(token: dict[str, Any]) -> Token:
    return Token(
        token["token"], token["logprob"], tuple((t["token"], t["logprob"]) for t in token.get("top_logprobs", ()))
    )


def _prefixes(identity: str) -> str:
    """The folder for what prompts share, "" where none can be had: then it is computed anew by each process."""
    import platformdirs  # noqa: PLC0415 - not needed for --help

    given = os.environ.get("LLM_REVIEW_CACHE_DIR")
    top = Path(given).expanduser() if given else platformdirs.user_cache_path("llm-review", appauthor=False)
    try:
        return str(prefixes.folder(top / "prefixes", identity))
    except OSError:
        return ""


def _body(request: Request, chat: bool) -> dict[str, Any]:
    """The request in the engine's words."""
    body: dict[str, Any] = {
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "seed": request.seed,
        "n": request.samples,
        "stop": list(request.stop),
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,
        "cache_prompt": True,
    }
    if request.logprobs:
        # One of the two words for a chat, one number for plain text.
        body |= {"logprobs": True, "top_logprobs": request.logprobs} if chat else {"logprobs": request.logprobs}
    schema = None if request.schema is None else dict(request.schema)
    if not chat:
        return body | {"prompt": plain(request)} | ({"json_schema": schema} if schema else {})
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    return body | {"messages": messages(request)} | ({"response_format": form} if schema else {})
