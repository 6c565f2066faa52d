"""The process in which llama.cpp runs; started by `reviewer.llm.llamacpp`, never imported.

The engine takes over signal handlers, writes to standard error, and cannot be stopped from within while it computes.
In a process of its own none of that is felt, and killing it is always possible.

It is spoken to in lines of JSON. In: the settings, then `{"id", "chat", "body"}` for each request, or `{"cancel": id}`.
Out: `{"ready": true}`, then `{"id", "chunk"}` for each piece and `{"id", "done": true}`; `{"failed": "..."}` when the
model cannot be loaded. It ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import queue
import secrets
import sys
import threading
from typing import Any, BinaryIO


def main() -> None:
    """Load the model named in the first line, then answer requests one after another."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.buffer.readline())
    try:
        server = _load(settings)
    except (ImportError, RuntimeError) as error:
        _send(out, json.dumps({"failed": f"{type(error).__name__}: {error}"}))
        return
    _send(out, '{"ready": true}')
    inbox = _Inbox()
    while True:
        _answer(server, inbox, inbox.requests.get(), out)


class _Inbox(threading.Thread):
    """Reads standard input: requests are queued, cancelled ids are kept, the end of it ends the process."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.requests: queue.Queue[dict[str, Any]] = queue.Queue()
        self.cancelled: set[int] = set()
        self.start()

    def run(self) -> None:
        """Read until the other end is closed, or until something else than a whole line comes."""
        for line in sys.stdin.buffer:
            try:
                message = json.loads(line)
            except ValueError:
                os._exit(1)
            if "cancel" in message:
                self.cancelled.add(message["cancel"])
            else:
                self.requests.put(message)
        os._exit(0)


def _load(settings: dict[str, Any]) -> Any:
    # How long threads spin before they sleep. The default is 300 times as much, and ten times slower as soon as
    # something else needs a core; none at all is half as fast on a quiet machine.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    import xllamacpp  # noqa: PLC0415

    params = xllamacpp.CommonParams()
    params.model.path = settings["path"]
    params.n_ctx = settings["context"]
    params.n_parallel = settings["slots"]
    params.kv_unified = True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    params.n_batch = params.n_ubatch = settings["batch"]
    params.cache_ram_mib = settings["cache_mib"]
    params.slot_prompt_similarity = 0.01
    params.warmup = False
    params.verbosity = 1
    params.ui = params.endpoint_slots = False
    # The engine always listens on a loopback port; nobody is told this key.
    params.api_keys = [secrets.token_hex(32)]
    # The text as the model wrote it, "reasoning" included.
    params.reasoning_format = xllamacpp.common_reasoning_format.COMMON_REASONING_FORMAT_NONE
    return xllamacpp.Server(params)


def _answer(server: Any, inbox: _Inbox, request: dict[str, Any], out: BinaryIO) -> None:
    number = request["id"]

    def piece(chunk: str) -> bool:
        """Pass a piece on; True makes the engine stop, between two tokens or two batches of the prompt."""
        _send(out, f'{{"id": {number}, "chunk": {chunk}}}')
        return number in inbox.cancelled

    if number not in inbox.cancelled:
        handle = server.handle_chat_completions if request["chat"] else server.handle_completions
        handle(json.dumps(request["body"]), piece)
    _send(out, f'{{"id": {number}, "done": true}}')


def _send(out: BinaryIO, line: str) -> None:
    out.write(line.encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
