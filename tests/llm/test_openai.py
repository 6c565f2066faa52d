"""The client of HTTP endpoints against a server that fails by script (a real one: test_contract)."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from reviewer.errors import ModelError
from reviewer.llm.base import Request, Token
from reviewer.llm.endpoint import Endpoint, endpoint
from reviewer.llm.openai import OpenAi
from reviewer.review import Usage

from .chatserver import ChatServer, Says

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


@pytest.fixture
def server() -> Iterator[ChatServer]:
    made = ChatServer()
    yield made
    made.stop()


@pytest.fixture
def model(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAi]:
    monkeypatch.setenv("LLM_REVIEW_API_KEY", "sk-secret")
    monkeypatch.setattr("reviewer.llm.openai_errors.PAUSE", 0.01)
    provider = OpenAi(endpoint(server.url, False), "m")
    yield provider
    provider.close()


def _ask(**fields: Any) -> Request:
    return Request(**{"system": "be", "shared": "same ", "prompt": "go", "timeout": 20.0, **fields})


def test_pieces_samples_and_usage_come_back(model: OpenAi, server: ChatServer) -> None:
    server.script = [Says(("an answer", "another"))]
    pieces: list[str] = []
    reply = model.complete(_ask(samples=2, seed=7, stop=("x",), temperature=0.5), pieces.append)
    assert [(s.text, s.finish) for s in reply.samples] == [("an answer", "stop"), ("another", "stop")]
    assert "".join(pieces) == "an answer"
    assert reply.usage == Usage(30, 20, 4)
    body = server.bodies[0]
    assert (body["n"], body["seed"], body["stop"], body["temperature"], body["stream"]) == (2, 7, ["x"], 0.5, True)
    assert body["messages"] == [{"role": "system", "content": "be"}, {"role": "user", "content": "same go"}]
    assert server.keys == ["Bearer sk-secret"]


def test_it_says_what_it_is_without_a_connection() -> None:
    info = OpenAi(Endpoint("http://host/v1", "host", True), "m").info
    assert (info.provider, info.name, info.sha256, info.remote) == ("openai", "m", "", True)


def test_probabilities_come_with_their_alternatives(model: OpenAi, server: ChatServer) -> None:
    server.script = [Says(("ab",), logprobs=True)]
    tokens = model.complete(_ask(logprobs=1)).samples[0].tokens
    assert tokens == (Token("a", -0.5, (("x", -2.0),)), Token("b", -0.5, (("x", -2.0),)))
    assert (server.bodies[0]["logprobs"], server.bodies[0]["top_logprobs"]) == (True, 1)


def test_a_server_that_gives_one_sample_at_a_time_is_asked_for_the_others(model: OpenAi, server: ChatServer) -> None:
    server.script = [Says(("a",)), Says(("b",)), Says(("c",))]
    reply = model.complete(_ask(samples=3, seed=5))
    assert [s.text for s in reply.samples] == ["a", "b", "c"]
    assert [(b["n"], b["seed"]) for b in server.bodies] == [(3, 5), (2, 6), (1, 7)]
    assert reply.usage.completion == 12


def test_a_beginning_is_an_assistants_turn_and_is_not_repeated(model: OpenAi, server: ChatServer) -> None:
    server.script = [Says(("```python\nx = 1",)), Says(("x = 1",))]
    request = _ask(prefill="```python\n", stop=("\n```",))
    assert [model.complete(request).samples[0].text for _ in range(2)] == ["x = 1", "x = 1"]
    assert server.bodies[0]["messages"][-1] == {"role": "assistant", "content": "```python\n"}
    assert server.bodies[0]["continue_final_message"] is True


def test_where_no_answer_can_be_begun_the_beginning_is_asked_for_in_words(server: ChatServer) -> None:
    place = Endpoint(server.url, "api.openai.com", False)
    server.script = [Says(("Sure:\n```python\nx = 1\n```\nDone.",))]
    provider = OpenAi(place, "m")
    sample = provider.complete(_ask(prefill="```python\n", stop=("\n```",))).samples[0]
    provider.close()
    assert (sample.text, sample.finish) == ("x = 1", "stop")
    assert server.bodies[0]["messages"][-1]["content"].endswith("exactly this: ```python\n")
    assert "stop" not in server.bodies[0]


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (Says(status=401, error={"message": "Incorrect API key: sk-secret"}), "does not accept the key"),
        (Says(status=404), "has no model 'm'"),
        (Says(status=400, error={"code": "context_length_exceeded"}), "does not fit the model's context"),
        (Says(status=400, error={"type": "exceed_context_size_error", "message": "exceeds the available context size"}),
         "does not fit the model's context"),
        (Says(status=400, error={"message": "bad grammar"}), "status 400"),
        (Says(status=307, headers={"Location": "http://127.0.0.1:9/"}), "status 307"),
        (Says(texts=("",)), "empty answer"),
        (Says(texts=("",), refusal="I cannot help"), "refused to answer: I cannot help"),
        (Says(finish="content_filter"), "refused to answer: a filter"),
        (Says(status=429, headers={"Retry-After": "600"}), "too many requests; it asks to wait for 600 seconds"),
    ],
    ids=["key", "model", "context", "llama.cpp's context", "bad", "redirect", "empty", "refusal", "filter", "429"],
)  # fmt: skip
def test_what_will_not_pass_is_an_error_at_once(says: Says, words: str, model: OpenAi, server: ChatServer) -> None:
    server.script = [says]
    with pytest.raises(ModelError, match=words) as caught:
        model.complete(_ask())
    assert len(server.bodies) == 1
    assert "sk-secret" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    "says",
    [Says(status=429, headers={"Retry-After": "0.01"}), Says(status=503), Says(status=500), Says(("half",), cut=True)],
    ids=["429", "503", "500", "cut"],
)
def test_what_may_pass_is_asked_again_and_that_is_said(says: Says, model: OpenAi, server: ChatServer) -> None:
    server.script = [says, Says()]
    reply = model.complete(_ask())
    assert reply.samples[0].text == "fine"
    assert "was asked again" in reply.notes[0].reason


@pytest.mark.parametrize(
    ("says", "words"),
    [(Says(status=503), "status 503"), (Says(("half",), cut=True), "broke off"), (Says(status=429), "too many")],
)
def test_what_does_not_pass_is_an_error(says: Says, words: str, model: OpenAi, server: ChatServer) -> None:
    server.script = [says] * 3
    with pytest.raises(ModelError, match=words):
        model.complete(_ask())
    assert len(server.bodies) == 3


def test_a_slow_server_is_given_up_in_time(model: OpenAi, server: ChatServer) -> None:
    server.script = [Says(slow=20)]
    begin = time.monotonic()
    with pytest.raises(ModelError, match="did not finish in time"):
        model.complete(_ask(timeout=0.3))
    assert time.monotonic() - begin < 10


def test_no_server_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.llm.openai_errors.PAUSE", 0.01)
    provider = OpenAi(endpoint("http://127.0.0.1:9/v1", False), "m")
    with pytest.raises(ModelError, match="cannot be reached"):
        provider.complete(_ask())
    provider.close()


def test_an_interrupt_gets_through(model: OpenAi, server: ChatServer, sigint: None) -> None:
    server.script = [Says(slow=20)]

    def interrupt() -> None:
        while not server.bodies:
            time.sleep(0.01)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model.complete(_ask())
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize(
    ("error", "gone", "there"),
    [
        ({"param": "max_tokens", "code": "unsupported_parameter"}, "max_tokens", "max_completion_tokens"),
        ({"param": "temperature"}, "temperature", "seed"),
        ({"message": "unknown field 'seed'"}, "seed", "temperature"),
    ],
)
def test_a_parameter_that_is_refused_by_name_is_left_out(
    error: dict[str, str], gone: str, there: str, model: OpenAi, server: ChatServer
) -> None:
    server.script = [Says(status=400, error=error), Says(), Says()]
    for _ in range(2):
        assert model.complete(_ask()).samples[0].text == "fine"
    assert [gone in body for body in server.bodies] == [True, False, False]
    assert there in server.bodies[1]


def test_a_schema_is_passed_on_and_held(model: OpenAi, server: ChatServer) -> None:
    server.script = [Says(('{"a": 1}',))]
    assert model.complete(_ask(schema=SCHEMA)).samples[0].text == '{"a": 1}'
    assert server.bodies[0]["response_format"]["json_schema"]["schema"] == SCHEMA


def test_an_answer_that_breaks_the_schema_is_asked_for_once_more_with_the_error(
    model: OpenAi, server: ChatServer
) -> None:
    server.script = [Says(('{"a": "one"}',)), Says(('{"a": 1}',))]
    reply = model.complete(_ask(schema=SCHEMA))
    assert reply.samples[0].text == '{"a": 1}'
    assert "'one' is not of type 'integer'" in server.bodies[1]["messages"][-1]["content"]
    assert reply.usage.completion == 8
    assert "schema" in reply.notes[0].reason


def test_an_answer_that_breaks_the_schema_twice_is_an_error(model: OpenAi, server: ChatServer) -> None:
    server.script = [Says(("no",)), Says(("no",))]
    with pytest.raises(ModelError, match="not what was asked for: it is no JSON"):
        model.complete(_ask(schema=SCHEMA))


def test_a_server_that_knows_no_schema_is_shown_it(model: OpenAi, server: ChatServer) -> None:
    refusal = Says(status=400, error={"message": "response_format json_schema is not supported"})
    server.script = [refusal, Says(("prose",)), Says(('{"a": 1}',))]
    assert model.complete(_ask(schema=SCHEMA)).samples[0].text == '{"a": 1}'
    assert "response_format" not in server.bodies[1]
    assert "'required': ['a']" in server.bodies[2]["messages"][-1]["content"]


def test_code_cannot_end_its_turn(model: OpenAi, server: ChatServer) -> None:
    model.complete(_ask(prompt="'<|im_end|>'"))
    assert server.bodies[0]["messages"][1]["content"] == "same '< |im_end|>'"


def test_too_many_samples_are_refused(model: OpenAi) -> None:
    with pytest.raises(ModelError, match="99 samples"):
        model.complete(_ask(samples=99))


def test_no_proxy_stands_between_this_machine_and_itself(
    model: OpenAi, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert model.complete(_ask()).samples[0].text == "fine"
