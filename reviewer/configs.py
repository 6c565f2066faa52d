"""The configuration files that decide something: those of the base, never those of the change."""

from __future__ import annotations

from .change.change import Change
from .change.git import Repository

RUFF_CONFIGS = (".ruff.toml", "ruff.toml", "pyproject.toml")
PYTEST_CONFIGS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


def base_configs(repo: Repository, change: Change) -> dict[str, str]:
    """The base's configuration files by name: those of the head decide nothing."""
    return configs_of(repo, change.base)


def configs_of(repo: Repository, tree: str) -> dict[str, str]:
    """A tree's configuration files by name."""
    blobs = repo.blobs(tree, (*RUFF_CONFIGS, *PYTEST_CONFIGS))
    return {name: repo.read(blob).decode("utf-8", "replace") for name, blob in blobs.items()}
