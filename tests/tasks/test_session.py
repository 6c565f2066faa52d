from __future__ import annotations

import time
from dataclasses import replace

import pytest

from reviewer.errors import AnswerError, ModelError
from reviewer.llm.base import OnText, Reply, Request, Sample
from reviewer.review import Skipped, Usage
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


def test_requests_hits_and_notes_are_counted() -> None:
    note = Skipped("kept answers", "locked", harmless=True)
    session = Session(_Noting([], note))
    for _ in range(2):
        session.ask(REQUEST)
    assert session.usage == Usage(prompt=14, requests=2, hits=2)
    assert list(session.notes) == [note]


def test_a_question_that_cannot_be_answered_does_not_end_the_review() -> None:
    session = Session(FakeProvider([AnswerError("the model refused to answer"), "fine"]))
    refused = session.ask(replace(REQUEST, samples=2))
    assert refused.samples == (Sample("", "length"),) * 2
    assert list(session.notes) == [Skipped("an answer of the model", "the model refused to answer")]
    assert session.ask(REQUEST).samples[0].text == "fine"


def test_an_answer_that_was_cut_is_said_once() -> None:
    session = Session(_Cut([]))
    session.ask(REQUEST)
    session.ask(REQUEST)
    assert list(session.notes) == [
        Skipped("an answer of the model", "it was longer than it may be, and was cut", harmless=True)
    ]


def test_a_language_has_its_name() -> None:
    assert [Session(FakeProvider(), language=code).language for code in ("en", "zh", "Latin")] == [
        "English", "Chinese", "Latin",
    ]  # fmt: skip


class _Slow(FakeProvider):
    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        time.sleep(0.3)
        raise ModelError("timed out")


class _Cut(FakeProvider):
    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        return Reply((Sample("half a sent", "length"),), Usage(), 0.0)


class _Noting(FakeProvider):
    def __init__(self, replies: list[str], note: Skipped) -> None:
        super().__init__(replies)
        self.note = note

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        return Reply((Sample("x", "stop"),), Usage(prompt=7, hits=1), 0.0, (self.note,))
