"""What every provider promises, as tests: a module that has a fixture `provider` imports them all.

They hold for any model, a random one too: nothing is said of what it answers, only of what becomes of the answer.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from typing import Any

import pytest

from reviewer.errors import ModelError
from reviewer.llm.base import Provider, Request

SCHEMA = {
    "type": "object",
    "properties": {"bug": {"type": "boolean"}, "kind": {"enum": ["logic", "style"]}},
    "required": ["bug", "kind"],
    "additionalProperties": False,
}
CONTEXT_WORDS = 9000


def ask(prompt: str = "Is `1 / 0` a bug? Say why.", **fields: Any) -> Request:
    return Request(
        **{"system": "Be brief.", "shared": "", "prompt": prompt, "max_tokens": 12, "timeout": 60.0, **fields}
    )


def test_an_answer_comes_with_its_usage(provider: Provider) -> None:
    reply = provider.complete(ask())
    assert reply.samples[0].text.strip()
    assert reply.samples[0].finish in {"stop", "length"}
    assert reply.usage.prompt >= 5
    assert 1 <= reply.usage.completion <= 12
    assert reply.seconds > 0


def test_pieces_are_the_answer(provider: Provider) -> None:
    pieces: list[str] = []
    text = provider.complete(ask(), pieces.append).samples[0].text
    assert len(pieces) > 1
    assert text.startswith("".join(pieces))


def test_without_a_temperature_the_answer_is_the_same(provider: Provider) -> None:
    assert len({provider.complete(ask(seed=seed)).samples[0].text for seed in (1, 2)}) == 1


def test_samples_are_as_many_as_asked_for_and_differ(provider: Provider) -> None:
    samples = provider.complete(ask(samples=3, temperature=1.5, seed=3)).samples
    assert len(samples) == 3
    assert len({sample.text for sample in samples}) > 1


def test_a_schema_binds_every_sample(provider: Provider) -> None:
    reply = provider.complete(ask(schema=SCHEMA, max_tokens=60, samples=2, temperature=1.0, seed=2))
    for sample in reply.samples:
        assert sample.finish == "stop"
        assert set(json.loads(sample.text)) == {"bug", "kind"}


def test_an_answer_ends_before_a_stop_word(provider: Provider) -> None:
    whole = provider.complete(ask()).samples[0].text
    word = whole[len(whole) // 2 :][:2]
    sample = provider.complete(ask(stop=(word,))).samples[0]
    assert word not in sample.text
    assert (sample.text, sample.finish) == (whole[: whole.index(word)], "stop")


def test_a_cut_answer_says_so(provider: Provider) -> None:
    assert provider.complete(ask("Count from one to a hundred, in words.", max_tokens=2)).samples[0].finish == "length"


def test_a_beginning_is_gone_on_from_and_not_repeated(provider: Provider) -> None:
    sample = provider.complete(ask("Write a function.", prefill="```python\ndef add(a, b")).samples[0]
    assert "def add" not in sample.text


def test_every_token_comes_with_its_probability(provider: Provider) -> None:
    reply = provider.complete(ask(logprobs=2))
    tokens = reply.samples[0].tokens
    assert len(tokens) in {reply.usage.completion, reply.usage.completion - 1}
    assert all(token.logprob <= 0 and len(token.others) == 2 for token in tokens)
    assert tokens[0].others[0][1] >= tokens[0].others[1][1]
    assert tokens[0].logprob == pytest.approx(tokens[0].others[0][1], abs=0.01)


def test_none_are_there_when_none_were_asked_for(provider: Provider) -> None:
    assert provider.complete(ask()).samples[0].tokens == ()


def test_a_prompt_beyond_the_context_is_refused(provider: Provider) -> None:
    with pytest.raises(ModelError, match="context") as caught:
        provider.complete(ask("word " * CONTEXT_WORDS))
    assert caught.value.hint


def test_a_time_out_is_an_error_and_the_next_request_is_answered(provider: Provider) -> None:
    provider.complete(ask(max_tokens=1))
    with pytest.raises(ModelError, match="in time"):
        provider.complete(ask(max_tokens=100, timeout=0.001))
    assert provider.complete(ask(max_tokens=1)).samples


def test_an_interrupt_gets_through_and_the_next_request_is_answered(provider: Provider, sigint: None) -> None:
    provider.complete(ask(max_tokens=1))
    main = threading.main_thread().ident or 0
    sent: list[float] = []

    def interrupt(_: str) -> None:
        if not sent:
            sent.append(time.monotonic())
            signal.pthread_kill(main, signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        provider.complete(ask("Count to one hundred.", max_tokens=100), interrupt)
    assert provider.complete(ask(max_tokens=1)).samples


def test_too_many_samples_are_refused(provider: Provider) -> None:
    with pytest.raises(ModelError, match="99 samples"):
        provider.complete(ask(samples=99))


def test_closing_twice_is_harmless_and_it_answers_again(provider: Provider) -> None:
    provider.close()
    provider.close()
    assert provider.complete(ask(max_tokens=1)).samples
