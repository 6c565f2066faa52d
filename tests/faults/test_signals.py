from __future__ import annotations

import random
import signal

import pytest

from .place import Place
from .signals import SIGNALS, SLOW, strike


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_at_any_moment_leaves_nothing_behind(place: Place, number: signal.Signals) -> None:
    place.engine(SLOW)
    whole = place.review(llm=True, LLM_REVIEW_CACHE="false")
    chance = random.Random(number)
    codes = {strike(place, number, chance.uniform(0.2, whole.seconds))[0] for _ in range(2)}
    assert codes <= {130, -number, 0, 1, -signal.SIGINT}
    assert place.review(llm=True, LLM_REVIEW_CACHE="false").essence == whole.essence
