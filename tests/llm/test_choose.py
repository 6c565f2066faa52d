from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.errors import ModelError, UsageError
from reviewer.llm import choose as module
from reviewer.llm.base import Request
from reviewer.llm.choose import check, choose, gpu_here, picked
from reviewer.llm.redact import Redacted
from reviewer.settings import Settings


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_REVIEW_MODELS", str(tmp_path / "models"))


def test_a_file_is_taken_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"")
    info = choose(Settings(provider="llamacpp", model=str(path))).info
    assert (info.provider, info.name, info.sha256, info.remote) == ("llamacpp", "mine", "", False)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model file"):
        choose(Settings(provider="llamacpp", model=str(tmp_path / "no.gguf")))


def test_a_known_model_that_is_not_here_says_how_to_get_it() -> None:
    with pytest.raises(ModelError, match="model not downloaded") as caught:
        choose(Settings(provider="llamacpp", model="smollm2-135m"))
    assert caught.value.hint == "llm-review model pull smollm2-135m"


def test_an_unknown_model_is_an_error() -> None:
    with pytest.raises(ModelError, match="no model is called"):
        choose(Settings(provider="llamacpp", model="gpt"))


def test_an_unknown_provider_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="no provider") as caught:
        choose(Settings(provider="cloud", model="smollm2-135m"))
    assert "llamacpp" in caught.value.hint


def test_code_is_not_sent_to_another_machine_unless_that_is_allowed() -> None:
    settings = Settings(provider="openai", model="m", base_url="https://elsewhere.example/v1")
    for refused in (choose, check):
        with pytest.raises(UsageError, match=r"sent to elsewhere\.example"):
            refused(settings)
    allowed = choose(replace(settings, allow_remote=True, cache=False))
    assert allowed.info.remote
    assert isinstance(allowed, Redacted)


def test_auto_is_never_a_server() -> None:
    assert picked(Settings(base_url="http://localhost:1/v1")).provider != "openai"


def test_a_rehearsal_asks_nothing_and_shows_what_would_be_sent() -> None:
    settings = Settings(provider="openai", model="m", base_url="https://elsewhere.example/v1", allow_remote=True)
    shown: list[str] = []
    provider = choose(settings, shown)
    reply = provider.complete(Request("be", "s ", 'password = "hunter2xyz"', samples=2))
    assert [sample.text for sample in reply.samples] == ["", ""]
    assert "on another machine" in shown[0]
    assert '[user]\ns password = "REDACTED_SECRET_1"\n' in shown[0]


@pytest.mark.parametrize(
    ("gpu", "installed", "provider", "why"),
    [
        ("", True, "llamacpp", "no GPU was found"),
        ("CUDA", False, "llamacpp", "torch is not installed"),
        ("CUDA", True, "transformers", "there is a GPU (CUDA)"),
    ],
)
def test_auto_says_why(gpu: str, installed: bool, provider: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "gpu_here", lambda: gpu)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: "found" if installed else None)
    pick = picked(Settings())
    assert pick.provider == provider
    assert why in pick.why


def test_a_gpu_that_is_hidden_is_none() -> None:
    assert gpu_here({"CUDA_VISIBLE_DEVICES": ""}) == gpu_here({"CUDA_VISIBLE_DEVICES": "-1"}) == ""


def test_a_model_for_transformers_is_a_file_a_folder_or_the_hubs(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"x")
    (tmp_path / "mine.gguf").write_bytes(b"x")
    for model in ("org/name", str(tmp_path), str(tmp_path / "mine.gguf"), "qwen2.5-coder-1.5b"):
        info = choose(Settings(provider="transformers", model=model, cache=False)).info
        assert (info.provider, info.name, info.remote) == ("transformers", model, False)
    with pytest.raises(ModelError, match="no such model file"):
        choose(Settings(provider="transformers", model=str(tmp_path / "no.gguf")))
