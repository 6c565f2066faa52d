from __future__ import annotations

import pytest

from reviewer.llm.base import Request
from reviewer.llm.budget import Budget
from reviewer.review import Usage
from reviewer.tasks.session import BudgetError, Session
from tests.fakes import FakeProvider

REQUEST = Request("", "", "x" * 300, max_tokens=50)


def test_without_limits_all_is_allowed() -> None:
    assert Budget().objection(Usage(10**9, 0, 10**9), REQUEST) == ""


@pytest.mark.parametrize(("tokens", "allowed"), [(150, True), (149, False)])
def test_a_question_that_could_go_beyond_the_tokens_is_not_asked(tokens: int, allowed: bool) -> None:
    assert (Budget(tokens=tokens).objection(Usage(), REQUEST) == "") is allowed


@pytest.mark.parametrize(("cost", "allowed"), [(0.0004, True), (0.00039, False)])
def test_a_question_that_could_cost_too_much_is_not_asked(cost: float, allowed: bool) -> None:
    budget = Budget(cost=cost, prompt_price=1.0, completion_price=2.0)
    assert (budget.objection(Usage(prompt=200), REQUEST) == "") is allowed


def test_a_session_counts_what_it_costs_and_stops() -> None:
    provider = FakeProvider(["one", "two"])
    session = Session(provider, budget=Budget(tokens=200, prompt_price=10.0, completion_price=20.0))
    session.ask(REQUEST)
    assert session.usage.cost == pytest.approx((100 * 10 + 5 * 20) / 1_000_000)
    with pytest.raises(BudgetError, match="200 tokens") as caught:
        session.ask(REQUEST)
    assert caught.value.reason == "budget"
    assert len(provider.requests) == 1
