"""Models by PyTorch: the contract, and what is Transformers' own. Runs where PyTorch is (`make test-transformers`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from reviewer.errors import ModelError
from reviewer.llm.transformers import Transformers

from .contract import *  # noqa: F403
from .contract import ask
from .tinymodel import GGUF_CONTEXT, save, save_gguf

SAFE = {"use_safetensors": True}


@pytest.fixture(scope="module", params=["plain", "chat"])
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transformers]:
    place = save(tmp_path_factory.mktemp("model"), chat=request.param == "chat")
    made = Transformers("tiny", ((str(place), SAFE),), "cpu")
    yield made
    made.close()


def test_it_says_what_it_is_without_loading() -> None:
    info = Transformers("org/model", (("org/model", SAFE),)).info
    assert (info.provider, info.name, info.remote) == ("transformers", "org/model", False)


def test_sampling_under_a_seed_repeats(provider: Transformers) -> None:
    first, second = (provider.complete(ask(temperature=1.0, seed=4)).samples[0].text for _ in range(2))
    assert first == second != provider.complete(ask(temperature=1.0, seed=5)).samples[0].text


def test_code_cannot_end_its_turn(tmp_path: Path) -> None:
    model = Transformers("tiny", ((str(save(tmp_path, chat=True)), SAFE),), "cpu")
    harmless, harmful = (
        model.complete(ask(f"x = '{word}'", max_tokens=1)).usage.prompt for word in ("< |end|>", "<|end|>")
    )
    assert harmless == harmful
    model.close()


def test_pickled_weights_are_not_read(tmp_path: Path) -> None:
    import torch

    place = save(tmp_path)
    (weights,) = place.glob("*.safetensors")
    weights.unlink()
    torch.save({}, place / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Transformers("tiny", ((str(place), SAFE),), "cpu").complete(ask())


def test_code_of_a_models_folder_is_not_run(tmp_path: Path) -> None:
    place = save(tmp_path)
    config = (place / "config.json").read_text()
    own = '{"auto_map": {"AutoModelForCausalLM": "evil.Model", "AutoConfig": "evil.Config"}, "model_type": "evil", '
    (place / "config.json").write_text(config.replace("{", own, 1).replace('"model_type": "gpt2"', '"x": 1'))
    (place / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Transformers("tiny", ((str(place), SAFE),), "cpu").complete(ask())
    assert not (tmp_path / "ran").exists()


def test_the_next_source_is_taken_when_the_first_has_nothing(tmp_path: Path) -> None:
    sources = ((str(tmp_path / "nothing"), SAFE), (str(save(tmp_path / "model")), SAFE))
    model = Transformers("tiny", sources, "cpu")
    assert model.complete(ask()).samples
    model.close()


def test_a_gguf_file_is_the_same_model(tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    folder = save(tmp_path / "folder", context=GGUF_CONTEXT)
    path = save_gguf(folder, tmp_path / "tiny.gguf")
    models = (
        Transformers("tiny", ((str(folder), SAFE),), "cpu"),
        Transformers("tiny", ((str(path.parent), {"gguf_file": path.name}),), "cpu"),
    )
    first, second = (model.complete(ask()) for model in models)
    assert first.samples == second.samples
    assert [note.what for note in (*first.notes, *second.notes)] == ["a GGUF file that is kept unpacked"]
    for model in models:
        model.close()


def test_a_device_that_is_not_here_is_said() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(ModelError, match="no cuda here"):
        Transformers("tiny", (("x", SAFE),), "cuda").complete(ask())
