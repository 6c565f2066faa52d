"""Answers that were given before: an unchanged question costs no token, and the model is not even loaded.

Values are JSON, so that nothing in them can be executed. The key is a hash over all that decides an answer; the
questions themselves are not stored. Whatever is wrong with the store, the review goes on without it and says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ..foreign import from_json
from ..review import ModelInfo, Skipped, Usage
from .base import OnText, Provider, Reply, Request, Sample, Token
from .store import FORMAT, CacheError, Store


class Cached:
    """A Provider that answers from a Store what was asked before, and asks another provider the rest.

    `identity` says which model answers, beyond doubt: a hash of its file, or an address and a name.
    """

    def __init__(self, provider: Provider, identity: str, store: Store) -> None:
        """Nothing is opened or loaded before the first request."""
        self._provider, self._identity, self._store = provider, identity, store
        self._problem: Skipped | None = None

    @property
    def info(self) -> ModelInfo:
        """What model this is; does not load it."""
        return self._provider.info

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        """Answer a request; see `Provider.complete`. A kept answer has no tokens and one hit in its usage."""
        key = key_of(self._identity, request)
        kept = self._read(key)
        if kept is not None:
            if on_text:
                on_text(kept.samples[0].text)
            return self._noted(kept)
        reply = self._provider.complete(request, on_text)
        if self._problem is None and worth_keeping(reply):
            self._write(key, reply)
        return self._noted(reply)

    def close(self) -> None:
        """Release the model. May be called twice."""
        self._provider.close()
        self._store.close()

    def _noted(self, reply: Reply) -> Reply:
        if self._problem is None:
            return reply
        return Reply(reply.samples, reply.usage, reply.seconds, (*reply.notes, self._problem))

    def _read(self, key: str) -> Reply | None:
        if self._problem is not None:
            return None
        begin = time.monotonic()
        with self._guarded():
            text = self._store.get(key)
            return None if text is None else _decoded(text, time.monotonic() - begin)
        return None

    def _write(self, key: str, reply: Reply) -> None:
        with self._guarded():
            self._store.put(key, _encoded(reply))

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """After the first trouble the store is left alone: waiting for a lock at every request would cost more."""
        try:
            yield
        except CacheError as error:
            said = f"{error.message} ({error.hint})" if error.hint else error.message
            self._problem = Skipped("kept answers", said, harmless=True)


def key_of(identity: str, request: Request) -> str:
    """A hash of the model and of all that decides its answer; the time it may take does not."""
    question = {name: value for name, value in asdict(request).items() if name != "timeout"}
    return hashlib.sha256(json.dumps([FORMAT, identity, question], sort_keys=True).encode()).hexdigest()


def worth_keeping(reply: Reply) -> bool:
    """Whether a reply has a whole answer, and none that is empty.

    Among several samples one may have been cut: that it was is kept, what it said is not.
    """
    whole = [sample for sample in reply.samples if sample.finish == "stop"]
    return bool(whole) and all(sample.text.strip() for sample in whole)


def _encoded(reply: Reply) -> str:
    kept = (sample if sample.finish == "stop" else Sample("", sample.finish) for sample in reply.samples)
    return json.dumps([asdict(sample) for sample in kept])


def _decoded(text: str, seconds: float) -> Reply | None:
    """The reply, or None when that text is none."""
    try:
        samples = tuple(_sample(entry) for entry in from_json(text))
    except (ValueError, TypeError, KeyError):
        return None
    return Reply(samples, Usage(hits=1), seconds) if samples else None


def _sample(entry: dict[str, Any]) -> Sample:
    tokens = tuple(
        Token(str(t["text"]), float(t["logprob"]), tuple((str(x), float(p)) for x, p in t["others"]))
        for t in entry["tokens"]
    )
    return Sample(str(entry["text"]), str(entry["finish"]), tokens)
