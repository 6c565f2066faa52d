from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.errors import ModelError
from reviewer.llm.base import OnText, Reply, Request, Sample, Token
from reviewer.llm.cache import Cached, key_of
from reviewer.llm.store import FILE, FORMAT, Store
from reviewer.review import Usage
from tests.fakes import FakeProvider

REQUEST = Request("system", "shared", "prompt", schema={"type": "object"}, stop=("x",), seed=3)
CHANGES: list[dict[str, object]] = [
    {"system": "s"}, {"shared": "s"}, {"prompt": "p"}, {"schema": None}, {"prefill": "p"}, {"max_tokens": 1},
    {"temperature": 0.1}, {"samples": 2}, {"seed": 4}, {"stop": ()}, {"logprobs": 1},
]  # fmt: skip


class Scripted(FakeProvider):
    """Answers with whole replies."""

    def __init__(self, *scripted: Reply) -> None:
        super().__init__()
        self.scripted = list(scripted)

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        self.requests.append(request)
        return self.scripted.pop(0)


pytestmark = pytest.mark.usefixtures("closed_stores")


def _cached(provider: FakeProvider, place: Path, identity: str = "m") -> Cached:
    return Cached(provider, identity, Store(place))


def test_the_same_question_is_asked_once(tmp_path: Path) -> None:
    first, second = FakeProvider(["yes"]), FakeProvider()
    given = _cached(first, tmp_path).complete(REQUEST)
    pieces: list[str] = []
    kept = _cached(second, tmp_path).complete(replace(REQUEST, timeout=1.0), pieces.append)
    assert kept.samples == given.samples
    assert pieces == ["yes"]
    assert kept.usage == Usage(hits=1)
    assert second.requests == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: next(iter(c)))
def test_whatever_decides_an_answer_is_in_the_key(change: dict[str, object]) -> None:
    assert key_of("m", replace(REQUEST, **change)) != key_of("m", REQUEST)  # type: ignore[arg-type]


def test_another_model_has_other_answers(tmp_path: Path) -> None:
    _cached(FakeProvider(["one"]), tmp_path, "a").complete(REQUEST)
    assert _cached(FakeProvider(["two"]), tmp_path, "b").complete(REQUEST).samples[0].text == "two"


def test_tokens_come_back_as_they_were(tmp_path: Path) -> None:
    sample = Sample("ab", "stop", (Token("a", -0.5, (("c", -1.5),)), Token("b", -0.1)))
    _cached(Scripted(Reply((sample,), Usage(1, 0, 2), 0.1)), tmp_path).complete(REQUEST)
    assert _cached(FakeProvider(), tmp_path).complete(REQUEST).samples == (sample,)


@pytest.mark.parametrize(
    "samples",
    [
        (),
        (Sample(" \n", "stop"),),
        (Sample("good", "stop"), Sample("", "stop")),
        (Sample("half a sent", "length"),),
    ],
    ids=["none", "empty", "one empty", "cut"],
)
def test_what_is_no_answer_is_not_kept(samples: tuple[Sample, ...], tmp_path: Path) -> None:
    _cached(Scripted(Reply(samples, Usage(9, 0, 3), 0.1)), tmp_path).complete(REQUEST)
    asked = FakeProvider(["again"])
    assert _cached(asked, tmp_path).complete(REQUEST).samples[0].text == "again"


def test_of_several_samples_those_that_were_cut_are_kept_as_cut(tmp_path: Path) -> None:
    samples = (Sample("good", "stop"), Sample("half a sent", "length"))
    _cached(Scripted(Reply(samples, Usage(9, 0, 3), 0.1)), tmp_path).complete(REQUEST)
    assert _cached(FakeProvider(), tmp_path).complete(REQUEST).samples == (samples[0], Sample("", "length"))


def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    provider = _cached(FakeProvider([ModelError("broken"), "fine"]), tmp_path)
    with pytest.raises(ModelError):
        provider.complete(REQUEST)
    assert provider.complete(REQUEST).samples[0].text == "fine"


def _corrupt(path: Path) -> None:
    path.write_bytes(b"this is not a database, and long enough to be taken for one" * 20)


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {FORMAT + 1}")


def _without_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {FORMAT}")


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("harm", [_corrupt, _newer, _without_table, _folder])
def test_without_a_usable_file_the_review_goes_on_and_says_so(harm, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    harm(tmp_path / FILE)
    provider = _cached(FakeProvider(["one", "two"]), tmp_path)
    replies = [provider.complete(REQUEST) for _ in range(2)]
    assert [r.samples[0].text for r in replies] == ["one", "two"]
    assert all(r.notes[0].what == "kept answers" and r.notes[0].harmless for r in replies)


def test_a_locked_file_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.llm.store.BUSY_SECONDS", 0.05)
    Store(tmp_path).put("key", "[]")
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        reply = _cached(FakeProvider(["one"]), tmp_path).complete(REQUEST)
    assert "locked" in reply.notes[0].reason


def test_an_entry_that_cannot_be_read_is_asked_again(tmp_path: Path) -> None:
    Store(tmp_path).put(key_of("m", REQUEST), '[{"text": 3}]')
    assert _cached(FakeProvider(["new"]), tmp_path).complete(REQUEST).samples[0].text == "new"


def test_questions_are_not_stored(tmp_path: Path) -> None:
    _cached(FakeProvider(["yes"]), tmp_path).complete(replace(REQUEST, prompt="very secret"))
    assert all(b"very secret" not in file.read_bytes() for file in tmp_path.iterdir())
