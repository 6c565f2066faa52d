from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.errors import ModelError, UsageError
from reviewer.llm.choose import choose
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
