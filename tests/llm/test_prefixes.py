"""What all prompts share is kept on disk, with a stand-in for the engine (a real one: test_llamacpp_model)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reviewer.llm import prefixes
from reviewer.llm.base import Request
from reviewer.llm.llamacpp import LlamaCpp


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLM_REVIEW_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "prefixes"


def _review(model: Path, *requests: Request) -> list[int]:
    """The tokens of each question that were there before."""
    provider = LlamaCpp(model, "tiny", context=2000)
    cached = [provider.complete(request).usage.cached for request in requests]
    provider.close()
    return cached


def _restored(model: Path) -> list[str]:
    log = Path(f"{model}.restored")
    return log.read_text().splitlines() if log.exists() else []


def test_what_a_kind_of_question_shares_is_saved_once_and_read_back_by_the_next_process(model: Path, top: Path) -> None:
    kinds = [Request("be", "find ", "go"), Request("be", "fix ", "go"), Request("be", "find ", "go on")]
    # The stand-in says 20 of 30 tokens were there; what was computed a moment before does not count.
    assert _review(model, *kinds) == [10, 10, 20]
    saved = sorted(path.name for path in top.glob("*/*.bin"))
    assert len(saved) == 2
    first = [line.split() for line in _restored(model)]
    assert _review(model, *kinds) == [20, 20, 20]
    restored = [line.split() for line in _restored(model)[len(first) :]]
    assert sorted({name for _, name in restored}) == saved


def test_only_so_many_are_kept(model: Path, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top.mkdir(parents=True)
    place = prefixes.folder(top, "a" * 16)
    for number in range(prefixes.KEPT + 3):
        (place / f"{number}.bin").touch()
        os.utime(place / f"{number}.bin", (number, number))
    prefixes.Prefixes("http://127.0.0.1:9", "", place).save(0, "be")
    assert {path.name for path in place.iterdir()} == {f"{n}.bin" for n in range(3, prefixes.KEPT + 3)}


def test_nothing_of_the_code_is_in_what_is_learned(model: Path, top: Path) -> None:
    _review(model, Request("be", "find ", "the user's code"))
    bodies = Path(f"{model}.log").read_text().splitlines()
    learned = [body for body in bodies if '"max_tokens": 1,' in body]
    assert any("find " in body for body in learned)
    assert not any("the user's code" in body for body in learned)


def test_another_model_file_has_other_prefixes(model: Path, top: Path) -> None:
    _review(model, Request("be", "find ", "go"))
    model.write_bytes(model.read_bytes() + b"\0" * 64)
    _review(model)
    assert _restored(model) == []


def test_the_folders_of_others_go_when_they_are_old(top: Path) -> None:
    for number in range(5):
        os.utime(prefixes.folder(top, f"{number}" * 16), (number, number))
    prefixes.folder(top, "a" * 16)
    assert len(list(top.iterdir())) == prefixes.OTHERS + 1


def test_where_nothing_can_be_kept_the_model_answers_all_the_same(model: Path, top: Path) -> None:
    top.parent.mkdir(exist_ok=True)
    top.write_text("in the way")
    _review(model, Request("be", "find ", "go"))
