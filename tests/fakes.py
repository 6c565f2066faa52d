"""A provider with a queue of answers, for unit tests of what is asked and how replies are read."""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.errors import ModelError
from reviewer.llm.base import OnText, Reply, Request, Sample
from reviewer.review import ModelInfo, Usage


class FakeProvider:
    """Answers with the queued texts, in order; `requests` are those it got. An exception in the queue is raised."""

    def __init__(self, replies: Iterable[str | tuple[str, ...] | BaseException] = ()) -> None:
        self.replies = list(replies)
        self.requests: list[Request] = []
        self.closed = False

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("fake", "fake-model", "0" * 64)

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        self.requests.append(request)
        if not self.replies:
            raise ModelError("the queue of the fake is empty")
        reply = self.replies.pop(0)
        if isinstance(reply, BaseException):
            raise reply
        texts = (reply,) if isinstance(reply, str) else reply
        if on_text:
            on_text(texts[0])
        return Reply(tuple(Sample(t, "stop") for t in texts), Usage(100, 10, 5), 0.1)

    def close(self) -> None:
        self.closed = True
