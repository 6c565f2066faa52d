"""The process in which llama.cpp runs: `python -m reviewer.llm.server`, started by `reviewer.llm.serving`.

The engine takes over signal handlers, writes to standard error, and cannot be stopped from within while it computes.
In a process of its own none of that is felt, killing it is always possible, and the model can stay when a review ends.

Its settings are one line of JSON on standard input; they hold a socket. A *listening* one makes it the server of all
the user's reviews, which ends after an idle time; a *connected* one serves the one review that holds the other end, and
ends with it. Either way it speaks lines of JSON.

In: `{"key"}` first, then `{"id", "chat", "body", "fixed", "background"}` for a request ("fixed" are the turns that it
shares with all of its kind, as far as they go), `{"cancel": id}`, `{"status": true}`,
`{"stop": "now"}` or `{"stop": "when idle"}`. Out: `{"hello": {...}}`, `{"status": {...}}`, and for a request
`{"id", "chunk"}` for each piece, `{"id", "learned": tokens}` for a beginning that was computed for it and all to come,
`{"id", "again": true}` when it begins anew, and `{"id", "done": true}`; `{"failed": "..."}` when the model cannot be
loaded, or holds too much memory.

Requests are answered one after another: the engine keeps every core busy with one, and answers to two at once would
each come half as fast. Those of a review in the background give way to the others.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
import time
from pathlib import Path
from typing import Any

from .desk import Desk, Job
from .prefixes import Prefixes
from .slots import QUESTIONS, Slots, text_of, usage_in


def main() -> None:
    """Load the model, then answer until nobody is left."""
    # What the engine says goes to the log.
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.buffer.readline())
    desk = Desk(settings)
    if "listener" in settings:
        desk.listen(socket.socket(fileno=settings["listener"]))
    else:
        desk.welcome(socket.socket(fileno=settings["connection"]))
    key = secrets.token_hex(32)
    try:
        engine = _load(settings, key)
    except (ImportError, RuntimeError) as error:
        desk.fail(f"{type(error).__name__}: {error}")
        return
    place = settings["prefixes"]
    prefixes = Prefixes(engine.listening_address, key, Path(place)) if place else None
    slots = Slots(engine, settings["samples"] - 1, settings["context"], prefixes)
    desk.ready()
    while True:
        _answer(engine, slots, desk, desk.take())


def _load(settings: dict[str, Any], key: str) -> Any:
    # How long threads spin before they sleep. The default is 300 times as much, and ten times slower as soon as
    # something else needs a core; none at all is half as fast on a quiet machine.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    import xllamacpp  # noqa: PLC0415

    params = xllamacpp.CommonParams()
    params.model.path = settings["path"]
    params.n_ctx = settings["context"]
    params.n_parallel = settings["samples"] - 1 + QUESTIONS
    params.kv_unified = True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    params.n_batch = params.n_ubatch = settings["batch"]
    params.speculative.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
    params.speculative.ngram_simple.size_n, params.speculative.ngram_simple.size_m = settings["drafts"]
    # What slots held is not kept besides: it would be up to gigabytes.
    params.cache_ram_mib = 0
    params.warmup = False
    params.verbosity = 1
    params.ui = False
    # The engine always listens on a loopback port; nobody is told this key.
    params.api_keys = [key]
    params.endpoint_slots = False
    if settings["prefixes"]:
        params.slot_save_path = f"{settings['prefixes']}/"
    # The text as the model wrote it, "reasoning" included.
    params.reasoning_format = xllamacpp.common_reasoning_format.COMMON_REASONING_FORMAT_NONE
    return xllamacpp.Server(params)


def _answer(engine: Any, slots: Slots, desk: Desk, job: Job) -> None:
    tokens: list[int] = []

    def piece(chunk: str) -> bool:
        """Pass a piece on; True makes the engine stop, between two tokens or two batches of the prompt."""
        job.guest.say(f'{{"id": {job.number}, "chunk": {chunk}}}')
        tokens.extend(usage["total_tokens"] for usage in usage_in(chunk))
        return desk.is_over(job)

    if not desk.is_over(job):
        start = time.monotonic()
        text = text_of(job.body["messages"]) if job.chat else job.body["prompt"]
        slot, learned = slots.take(text, job.fixed, lambda: desk.is_over(job))
        if learned:
            job.guest.say(json.dumps({"id": job.number, "learned": learned}))
        handle = engine.handle_chat_completions if job.chat else engine.handle_completions
        handle(json.dumps(job.body | {"id_slot": slot}), piece)
        if tokens:
            slots.used(slot, text, sum(tokens))
        desk.busy_seconds += time.monotonic() - start
    desk.finish(job)


if __name__ == "__main__":
    main()
