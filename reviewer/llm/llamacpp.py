"""A GGUF model on this machine's CPU: llama.cpp, by the `xllamacpp` wheels, in a process of its own.

A worker process (`llamacpp_worker.py`) holds the model, because the engine replaces signal handlers, writes to standard
error and may crash; a time-out is a message to it, and an interrupt or a crash costs no more than loading again.

The prompt of a request is one chat: system, then `shared` and `prompt` in one user turn, so that what two requests have
in common is computed once. Several samples are one request to the engine and share the whole prompt.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from .. import process
from ..errors import ModelError
from ..review import ModelInfo, Usage
from .base import OnText, Reply, Request, Sample
from .chat import messages, plain
from .cores import physical_cores
from .gguf import read_header

_WORKER = Path(__file__).with_name("llamacpp_worker.py")
# More samples than this in one request would need more slots; each costs a little memory even when it is not used.
MAX_SAMPLES = 8
# Prompt tokens computed at once: a cancelled request is noticed between two batches.
BATCH = 128
CACHE_MIB = 256
_POLL = 0.2


class LlamaCpp:
    """A Provider over a model file. Loads at the first request; `close` gives the memory back."""

    def __init__(
        self, path: Path, name: str, sha256: str = "", threads: int | None = None, context: int = 8192
    ) -> None:
        """`threads` None: the physical cores there are, which is also the most that is used."""
        self._path, self._context = path, context
        self._info = ModelInfo("llamacpp", name, sha256)
        self._threads = min(threads or sys.maxsize, physical_cores())
        self._worker: _Worker | None = None
        self._chat = True

    @property
    def info(self) -> ModelInfo:
        """What model this is; does not load it."""
        return self._info

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        """Answer a request; see `Provider.complete`. With a schema, `prefill` and the text together satisfy it."""
        if not 1 <= request.samples <= MAX_SAMPLES:
            raise ModelError(f"{request.samples} samples were asked for; 1 to {MAX_SAMPLES} can be had at once")
        begin = time.monotonic()
        worker = self._started()
        answer = _Answer(request, self._context, on_text)
        chunks = worker.ask(self._chat, _body(request, self._chat), begin + request.timeout)
        with contextlib.closing(chunks):
            for chunk in chunks:
                answer.add(chunk)
        return answer.reply(time.monotonic() - begin)

    def close(self) -> None:
        """Release the model. May be called twice."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def _started(self) -> _Worker:
        if self._worker is not None and self._worker.alive:
            return self._worker
        self.close()
        if importlib.util.find_spec("xllamacpp") is None:
            raise ModelError("the engine for local models is not installed", 'pip install "llm-review[local]"')
        self._chat = read_header(self._path).chat_template
        self._worker = _Worker(
            {
                "path": str(self._path.resolve()),
                "context": self._context,
                "threads": self._threads,
                "slots": MAX_SAMPLES,
                "batch": BATCH,
                "cache_mib": CACHE_MIB,
            }
        )
        return self._worker


class _Worker:
    """The engine's process and the two pipes to it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        # In a file, so that a chatty engine never blocks on a full pipe.
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        # -P: what lies beside the worker or in the current folder must not shadow a module that it imports.
        self._process = process.start([sys.executable, "-P", str(_WORKER)], stderr=self._log)
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._number = 0
        self._ready = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._send(settings)

    @property
    def alive(self) -> bool:
        """True while it can be asked."""
        return self._process.poll() is None

    def ask(self, chat: bool, body: dict[str, Any], deadline: float) -> Generator[dict[str, Any]]:
        """Send a request and give the engine's chunks as they come.

        Raises ModelError at the deadline (a monotonic time). However this ends before the answer does (an interrupt
        too), the engine is told to stop; what it still says of that request is ignored later, by its number.
        """
        self._number = number = self._number + 1
        done = False
        try:
            while not self._ready:
                self._ready = "ready" in self._next(deadline)
            self._send({"id": number, "chat": chat, "body": body})
            while not done:
                event = self._next(deadline)
                if event["id"] == number and not (done := "done" in event):
                    yield event["chunk"]
        finally:
            if not done:
                self._send({"cancel": number})

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._reader.join()
        # What could not be written to a worker that had ended is tried once more when the pipe is closed.
        with self._log, contextlib.suppress(BrokenPipeError), self._process:
            pass

    def _next(self, deadline: float) -> dict[str, Any]:
        while (left := deadline - time.monotonic()) > 0:
            try:
                # In short waits: a wait without end cannot be interrupted on every platform.
                line = self._lines.get(timeout=min(left, _POLL))
            except queue.Empty:
                continue
            event: dict[str, Any] = json.loads(line) if line else {"failed": self._epitaph()}
            if "failed" in event:
                raise ModelError(f"the engine failed: {event['failed']}", "try again, or try a smaller model")
            return event
        raise ModelError("the model did not finish in time", "give it more time, a smaller change or a smaller model")

    def _epitaph(self) -> str:
        """How it ended, and the last line of its log."""
        code = self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").split("\n")
        return f"it ended with code {code}. {next((x.strip() for x in reversed(lines) if x.strip()), '')}".strip()

    def _send(self, message: dict[str, Any]) -> None:
        pipe = self._process.stdin
        try:
            if pipe is not None:
                pipe.write(json.dumps(message).encode() + b"\n")
                pipe.flush()
        except OSError:
            # It has ended; the reader says so, with the reason.
            return

    def _read(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put(b"")


@dataclass(slots=True)
class _Answer:
    """The chunks of one request, put together."""

    request: Request
    context: int
    on_text: OnText | None
    texts: dict[int, list[str]] = field(default_factory=dict)
    finish: dict[int, str] = field(default_factory=dict)
    usages: list[Usage] = field(default_factory=list)

    def add(self, chunk: dict[str, Any]) -> None:
        """Take one chunk; raises ModelError for an error and for a prompt that leaves no room for the answer."""
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
        if choice["finish_reason"]:
            self.finish[index] = "length" if choice["finish_reason"] == "length" else "stop"

    def _check_room(self, prompt: int) -> None:
        answers = self.request.max_tokens * self.request.samples
        if prompt + answers > self.context:
            raise self._overflow(prompt)

    def _overflow(self, prompt: int) -> ModelError:
        samples, most = self.request.samples, self.request.max_tokens
        return ModelError(
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
            Sample("".join(self.texts.get(i, ())), self.finish.get(i, "length")) for i in range(self.request.samples)
        )
        prompt = max((u.prompt for u in self.usages), default=0)
        cached = min((u.cached for u in self.usages), default=0)
        return Reply(samples, Usage(prompt, cached, sum(u.completion for u in self.usages)), seconds)


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
    schema = None if request.schema is None else dict(request.schema)
    if not chat:
        return body | {"prompt": plain(request)} | ({"json_schema": schema} if schema else {})
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    return body | {"messages": messages(request)} | ({"response_format": form} if schema else {})
