from __future__ import annotations

from reviewer.llm.base import OnText, Reply, Request, Sample
from reviewer.review import Usage
from reviewer.tasks.mend import LIMIT, repaired, why
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider


def test_what_ended_it_is_told_and_one_line_comes_back() -> None:
    provider = FakeProvider(["It divides\nby zero.", '{"1": "它除以零。"}'])
    assert why(Session(provider, language="zh"), "1/0", "ZeroDivisionError") == "它除以零。"
    assert "ZeroDivisionError" in provider.requests[0].prompt
    assert "Chinese" in provider.requests[1].prompt


def test_a_correction_is_code() -> None:
    assert repaired(Session(FakeProvider(["print(1)"])), "print(", "SyntaxError") == "print(1)\n"


def test_a_correction_that_was_cut_is_none() -> None:
    class Cut(FakeProvider):
        def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
            return Reply((Sample("print(", "length"),), Usage(1, 0, 1), 0.1)

    assert repaired(Session(Cut()), "print(", "SyntaxError") == ""


def test_a_long_program_is_not_shown() -> None:
    session = Session(FakeProvider())
    assert why(session, "x" * (LIMIT + 1), "e") == repaired(session, "x" * (LIMIT + 1), "e") == ""
