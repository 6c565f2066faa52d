from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer import store
from reviewer.review import Review
from reviewer.settings import Settings

from .report.reviews import FULL


def _kept(review: Review, **fields: object) -> store.Kept:
    kept = store.Kept(review, {"a.py": ("x", "y\udcff")}, "staged changes", "key", 7.0)
    return replace(kept, **fields)  # type: ignore[arg-type]


def test_a_review_comes_back_as_it_was(tmp_path: Path) -> None:
    kept = _kept(FULL, background=True)
    store.save(tmp_path, kept)
    assert store.load(tmp_path, kept.review.base, kept.review.head, "key") == kept
    assert [f.explanation for f in store.every(tmp_path)[0].review.findings] == [
        f.explanation for f in kept.review.findings
    ]
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("background", [True, False])
def test_one_of_the_background_is_told_from_others_by_more_than_its_texts(tmp_path: Path, background: bool) -> None:
    kept = _kept(replace(FULL, summary=store.OF_BACKGROUND), background=background)
    store.save(tmp_path, kept)
    found = store.load(tmp_path, kept.review.base, kept.review.head, "key", background=True)
    assert found == (kept if background else None)


def test_the_newest_comes_first_and_the_oldest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "KEPT", 2)
    for number, name in enumerate("abc"):
        store.save(tmp_path, _kept(Review(name * 40, "e" * 40)))
        for file in tmp_path.glob(f"review-{name}*"):
            os.utime(file, (number, number))
    store.save(tmp_path, _kept(Review("d" * 40, "e" * 40)))
    assert [kept.review.base[0] for kept in store.every(tmp_path)] == ["d", "c"]
    newest = store.newest(tmp_path)
    assert newest is not None
    assert newest.review.base[0] == "d"


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"review": {"base": 1}}', "null"])
def test_a_file_that_is_no_review_counts_as_absent(tmp_path: Path, text: str) -> None:
    (tmp_path / "review-a-b.json").write_text(text)
    assert store.every(tmp_path) == []


def test_the_key_stands_for_all_settings_but_the_deadline() -> None:
    one = store.key_of(Settings(deadline=3))
    assert one == store.key_of(Settings(deadline=0))
    assert one != store.key_of(Settings(llm=False))


def test_the_folder_is_the_users_own_and_depends_on_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_REVIEW_STATE_DIR", str(tmp_path / "state"))
    one, other = store.folder(Path("/a/.git")), store.folder(Path("/b/.git"))
    assert one != other
    assert one.stat().st_mode & 0o077 == 0
    assert json.dumps(str(one)).startswith(json.dumps(str(tmp_path))[:-1])
