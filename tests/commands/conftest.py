"""Models as the tests of reviewer.llm have them: an empty folder, no hub in reach, an index of tiny wheels."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..llm.conftest import index, models, quick_pip

__all__ = ["index", "models", "quick_pip"]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's settings."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    monkeypatch.delenv("LLM_REVIEW_MODEL", raising=False)
