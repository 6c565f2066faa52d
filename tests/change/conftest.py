"""Opening the repositories of the tests as a review does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reviewer.change.git import Repository

Open = Callable[[Path], Repository]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without anybody's git configuration."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / ".config"))
    return folder


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Open a repository with a scratch folder of its own; it is closed after the test."""
    repositories: list[Repository] = []

    def open_(path: Path) -> Repository:
        repositories.append(Repository.open(path, tmp_path / f"scratch-{len(repositories)}"))
        return repositories[-1]

    yield open_
    for repository in repositories:
        repository.close()
