from __future__ import annotations

import time

import pytest

from reviewer.errors import ModelError
from reviewer.llm.base import OnText, Reply, Request
from reviewer.tasks.session import DeadlineError, Session
from tests.fakes import FakeProvider

REQUEST = Request("s", "", "p")


def test_a_spent_deadline_asks_nothing() -> None:
    provider = FakeProvider(["x"])
    with pytest.raises(DeadlineError):
        Session(provider, time.monotonic() - 1).ask(REQUEST)
    assert provider.requests == []


def test_the_time_that_is_left_limits_the_request() -> None:
    provider = FakeProvider(["x"])
    Session(provider, time.monotonic() + 10).ask(REQUEST)
    assert provider.requests[0].timeout <= 10


def test_a_failure_at_the_deadline_is_the_deadline() -> None:
    with pytest.raises(DeadlineError):
        Session(_Slow(), time.monotonic() + 0.7).ask(REQUEST)


def test_a_failure_before_it_is_a_failure() -> None:
    with pytest.raises(ModelError, match="broken") as caught:
        Session(FakeProvider([ModelError("broken")]), time.monotonic() + 60).ask(REQUEST)
    assert not isinstance(caught.value, DeadlineError)


def test_the_language_is_asked_for() -> None:
    assert Session(FakeProvider()).in_language() == ""
    assert "Chinese" in Session(FakeProvider(), language="zh").in_language()


class _Slow(FakeProvider):
    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        time.sleep(0.3)
        raise ModelError("timed out")
