from __future__ import annotations

import pytest

from reviewer.errors import UsageError
from reviewer.llm.endpoint import endpoint, key_for


@pytest.mark.parametrize(
    "url", ["http://localhost:1/v1", "http://127.0.0.1:8080", "http://[::1]:1/v1", "http://127.9.9.9"]
)
def test_this_machine_needs_no_leave(url: str) -> None:
    assert not endpoint(url, False).remote


@pytest.mark.parametrize(
    "url",
    [
        "", "https://api.openai.com/v1", "http://localhost.evil.example/v1", "http://localhost@evil.example/v1",
        "http://192.168.0.5/v1", "http://0.0.0.0/v1", "http://127.0.0.1.evil.example/", "https://2130706433/v1",
        "http://evil.example/?localhost",
    ],
)  # fmt: skip
def test_another_machine_must_be_allowed(url: str) -> None:
    with pytest.raises(UsageError, match="was not allowed"):
        endpoint(url, False)
    assert endpoint(url, True).remote


@pytest.mark.parametrize("url", ["localhost:8080", "file:///etc/passwd", "http://", "http://[::1", "http://h:port/"])
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(UsageError, match="is no address"):
        endpoint(url, True)


def test_a_key_is_sent_only_where_it_belongs() -> None:
    environ = {"OPENAI_API_KEY": "openai", "AZURE_OPENAI_API_KEY": "azure"}
    assert key_for(endpoint("", True), environ) == "openai"
    assert key_for(endpoint("https://me.openai.azure.com/openai/v1", True), environ) == "azure"
    assert key_for(endpoint("http://localhost/v1", False), environ) == "none"
    with pytest.raises(UsageError, match="no key for elsewhere") as caught:
        key_for(endpoint("https://elsewhere.example/v1", True), environ)
    assert "LLM_REVIEW_API_KEY" in caught.value.hint


def test_the_users_own_key_comes_first() -> None:
    assert key_for(endpoint("", True), {"LLM_REVIEW_API_KEY": "mine", "OPENAI_API_KEY": "openai"}) == "mine"
