"""The real engine and a real model: the few things that a stand-in cannot show."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.cli import main
from reviewer.errors import ModelError
from reviewer.llm.base import Request
from reviewer.llm.catalog import DEFAULT, find
from reviewer.llm.download import is_present, locate
from reviewer.llm.llamacpp import MAX_SAMPLES, Keep, LlamaCpp

pytestmark = pytest.mark.model
SHARED = "\n".join(f"Rule {n}: say only what the code shows." for n in range(20)) + "\n"


def _file() -> Path | None:
    if named := os.environ.get("LLM_REVIEW_TEST_MODEL"):
        return Path(named)
    return next((locate(e) for e in (find("smollm2-135m"), find(DEFAULT)) if is_present(e)), None)


@pytest.fixture(scope="module")
def engine() -> Iterator[LlamaCpp]:
    pytest.importorskip("xllamacpp")
    path = _file()
    if path is None:
        pytest.skip("no model is here: set LLM_REVIEW_TEST_MODEL, or llm-review model pull smollm2-135m")
    provider = LlamaCpp(path, path.stem, context=4096)
    yield provider
    provider.close()


def test_a_schema_binds_the_answer(engine: LlamaCpp) -> None:
    schema = {
        "type": "object",
        "properties": {"bug": {"type": "boolean"}, "why": {"type": "string", "maxLength": 30}},
        "required": ["bug", "why"],
        "additionalProperties": False,
    }
    sample = engine.complete(Request("", SHARED, "Is `1 / 0` a bug?", schema=schema, max_tokens=80)).samples[0]
    assert sample.finish == "stop"
    assert set(json.loads(sample.text)) == {"bug", "why"}


def test_the_same_beginning_is_computed_once(engine: LlamaCpp) -> None:
    engine.complete(Request("Be brief.", SHARED, "What is 1 + 1?", max_tokens=4))
    usage = engine.complete(Request("Be brief.", SHARED, "What is 2 + 3?", max_tokens=4)).usage
    assert usage.prompt - usage.cached < 25 < usage.cached


def test_the_drafts_of_all_samples_together_are_no_more_than_the_engine_takes(engine: LlamaCpp) -> None:
    """Too many would end its process: each sample repeats what it was shown, so each has the longest draft."""
    count = " ".join(f"{number} and" for number in range(100, 130)) + " "
    request = Request("", "", f"Repeat: {count * 4}", prefill=count, samples=MAX_SAMPLES, max_tokens=60)
    samples = engine.complete(request).samples
    assert len({s.text for s in samples}) == 1
    assert samples[0].text.startswith(count[:60])


def test_samples_differ_and_share_the_prompt(engine: LlamaCpp) -> None:
    request = Request("", SHARED, "Write a joke.", samples=3, temperature=1.0, seed=5, max_tokens=16)
    first = engine.complete(request)
    assert len({s.text for s in first.samples}) > 1
    assert first.usage.prompt < 2 * 300
    assert first.usage.completion > 3


def test_a_prefill_is_gone_on_from_and_not_repeated(engine: LlamaCpp) -> None:
    request = Request("", "", "Write a Python function add(a, b).", prefill="```python\ndef add(a,", max_tokens=8)
    assert "def add" not in engine.complete(request).samples[0].text


def test_a_time_out_while_the_prompt_is_computed_leaves_a_working_engine(engine: LlamaCpp) -> None:
    engine.complete(Request("", "", "hi", max_tokens=1))
    with pytest.raises(ModelError, match="in time"):
        engine.complete(Request("", "word " * 3000, "?", timeout=0.3))
    assert engine.complete(Request("", "", "hi", max_tokens=1)).samples[0].finish == "length"


def test_a_prompt_beyond_the_context_is_refused_with_its_size(engine: LlamaCpp) -> None:
    with pytest.raises(ModelError, match=r"prompt has \d{4} tokens.*context of 4096"):
        engine.complete(Request("", "word " * 6000, "?"))


def test_a_new_process_and_questions_of_other_kinds_do_not_compute_the_beginning_again(
    engine: LlamaCpp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file()
    assert path is not None
    monkeypatch.setenv("LLM_REVIEW_CACHE_DIR", str(tmp_path))
    kinds = [Request("Be brief.", SHARED.replace("Rule", word), "", max_tokens=2) for word in ("Rule", "Law")]
    for _ in range(2):
        provider = LlamaCpp(path, path.stem, context=4096)
        usages = [provider.complete(replace(kind, prompt=f"Is {n} even?")).usage for n in range(3) for kind in kinds]
        provider.close()
    assert all(usage.prompt - usage.cached < 25 < usage.cached for usage in usages)


def test_several_samples_leave_the_beginnings_of_other_kinds(
    engine: LlamaCpp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file()
    assert path is not None
    monkeypatch.setenv("LLM_REVIEW_CACHE_DIR", str(tmp_path))
    first, second = (Request("Be brief.", SHARED.replace("Rule", word), "1?", max_tokens=2) for word in ("Rule", "Law"))
    provider = LlamaCpp(path, path.stem, context=4096)
    provider.complete(first)
    provider.complete(replace(second, samples=8, temperature=1.0))
    usage = provider.complete(replace(first, prompt="2?")).usage
    provider.close()
    assert usage.prompt - usage.cached < 25 < usage.cached


def test_the_server_is_shared_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _file()
    if path is None:
        pytest.skip("no model is here")
    monkeypatch.setenv("LLM_REVIEW_RUNTIME_DIR", str(tmp_path / "run"))
    for cached in (False, True):
        provider = LlamaCpp(path, path.stem, context=4096, keep=Keep(60))
        reply = provider.complete(Request("Be brief.", SHARED, "What is 1 + 1?", max_tokens=4))
        provider.close()
        assert reply.notes == ()
        assert not cached or reply.usage.prompt - reply.usage.cached < 25 < reply.usage.cached
    assert main(["stop"]) == 0
