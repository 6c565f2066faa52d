from __future__ import annotations

import re

import pytest

from reviewer.errors import ModelError
from reviewer.llm.catalog import CATALOG, DEFAULT, find


def test_the_default_is_known_and_exercised() -> None:
    assert find(DEFAULT).exercised


@pytest.mark.parametrize("name", CATALOG)
def test_every_file_is_pinned_or_said_to_be_not_exercised(name: str) -> None:
    entry = find(name)
    assert entry.name == name
    assert entry.file.endswith(".gguf")
    assert entry.licence
    assert (re.fullmatch(r"[0-9a-f]{64}", entry.sha256) and entry.size) or not (entry.exercised or entry.packages)


@pytest.mark.parametrize("name", CATALOG)
def test_every_package_is_pinned_and_its_member_can_be_found(name: str) -> None:
    entry = find(name)
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", package) for package in entry.packages)
    assert len(set(entry.packages)) == len(entry.packages)
    assert bool(entry.packages) == bool(entry.member)


def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ModelError) as caught:
        find("qwen2.5-coder-1.5")
    assert DEFAULT in caught.value.hint


def test_a_name_like_no_other_is_answered_with_all() -> None:
    with pytest.raises(ModelError) as caught:
        find("zzz")
    assert all(name in caught.value.hint for name in CATALOG)
