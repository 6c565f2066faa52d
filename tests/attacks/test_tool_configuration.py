"""The change brings the configuration of the tools that judge it, ours among them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from reviewer.change.change import Change
from reviewer.change.git import Repository
from reviewer.configs import base_configs
from reviewer.evidence.ruff import find_ruff

from .corpus import CLEAN, FLAW, SHELL, Target

SILENT = "ignore = ['F', 'S', 'E']\n"
RUFF = {
    "ruff.toml": {"ruff.toml": "[lint]\n" + SILENT},
    ".ruff.toml": {".ruff.toml": "exclude = ['*.py']\n"},
    "pyproject.toml": {"pyproject.toml": "[tool.ruff]\nextend-exclude = ['*.py']\n[tool.ruff.lint]\n" + SILENT},
}
NESTED = {"pkg/ruff.toml": "[lint]\n" + SILENT}


@pytest.fixture
def believing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A careless version: the head's configuration is read in place of the base's."""

    def head_configs(repo: Repository, change: Change) -> Mapping[str, str]:
        return base_configs(repo, Change(change.root, change.head, change.head, change.files, change.title))

    monkeypatch.setattr("reviewer.prepare.base_configs", head_configs)


@pytest.mark.parametrize("name", RUFF)
def test_ruff_is_not_silenced_by_the_change(target: Target, name: str) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": FLAW, **RUFF[name]})
    assert "F821" not in target.plain(find_ruff(), "check", "--no-cache", ".").stdout, "the attack does not work at all"
    assert ("ruff/F821", "m.py", "tool") in target.diff().blocking


@pytest.mark.parametrize("name", RUFF)
@pytest.mark.usefixtures("believing")
def test_were_the_heads_configuration_read_ruff_would_be_silent(target: Target, name: str) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": FLAW, **RUFF[name]})
    assert target.diff().code == 0


def test_a_configuration_beside_the_code_is_not_read_either(target: Target) -> None:
    target.changed({"pkg/m.py": CLEAN}, {"pkg/m.py": FLAW, **NESTED})
    assert "F821" not in target.plain(find_ruff(), "check", "--no-cache", ".").stdout, "the attack does not work at all"
    assert ("ruff/F821", "pkg/m.py", "tool") in target.diff().blocking


def test_bandit_is_not_silenced_by_the_change(target: Target) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": SHELL, ".bandit": "[bandit]\nskips: B602,B604,B605,B607\n"})
    plain = target.plain(sys.executable, "-P", "-m", "bandit", "-q", "-r", ".")
    assert "B602" not in plain.stdout, "the attack does not work at all"
    sources = [f["sources"] for f in target.diff().report["findings"] if f["path"] == "m.py"]
    assert any("bandit" in names for names in sources)


def test_were_bandit_run_beside_its_configuration_it_would_be_silent(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": SHELL, ".bandit": "[bandit]\nskips: B602,B604,B605,B607\n"})
    monkeypatch.setattr("reviewer.change.change.FileChange.is_python", True)
    sources = [f["sources"] for f in target.diff().report["findings"] if f["path"] == "m.py"]
    assert not any("bandit" in names for names in sources)


OURS = {"pyproject.toml": "[tool.llm-review]\nfail_on = 'never'\n"}


def test_our_own_settings_are_the_bases(target: Target) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": FLAW, **OURS})
    assert target.diff().code == 1


@pytest.mark.usefixtures("believing")
def test_were_our_settings_the_heads_nothing_would_block(target: Target) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": FLAW, **OURS})
    assert target.diff().code == 0


USERS_OWN = {"base_url": "'https://evil.example/v1'", "allow_remote": "true", "max_cost": "1000.0"}


@pytest.mark.parametrize("name", USERS_OWN)
def test_no_repository_says_where_code_is_sent_or_what_is_spent(target: Target, name: str) -> None:
    target.changed(
        {"m.py": CLEAN, "pyproject.toml": f"[tool.llm-review]\n{name} = {USERS_OWN[name]}\n"}, {"m.py": FLAW}
    )
    said = target.diff()
    assert (said.code, said.out) == (2, "")
    assert f"cannot set '{name}'" in said.err


@pytest.mark.parametrize("name", USERS_OWN)
def test_were_these_settings_like_the_others_a_repository_would_decide(
    target: Target, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    target.changed(
        {"m.py": CLEAN, "pyproject.toml": f"[tool.llm-review]\n{name} = {USERS_OWN[name]}\n"}, {"m.py": FLAW}
    )
    monkeypatch.setattr("reviewer.settings.USERS_OWN", frozenset[str]())
    assert target.diff().code == 1


def test_a_configuration_that_is_code_is_not_executed(target: Target, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    code = f"from pathlib import Path\n\nPath({str(marker)!r}).touch()\n"
    target.changed(
        {"m.py": CLEAN}, {"m.py": FLAW, "sitecustomize.py": code, "llm_review_config.py": code, "setup.py": code}
    )
    target.plain(sys.executable, "setup.py")
    assert marker.exists(), "the attack does not work at all"
    marker.unlink()
    assert target.diff().code == 1
    assert not marker.exists()
