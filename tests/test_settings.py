from __future__ import annotations

import os
from pathlib import Path

import pytest

from reviewer.errors import UsageError
from reviewer.review import FailOn
from reviewer.settings import PREFIX, USERS_OWN, Settings, load


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def test_a_table_is_a_prefix() -> None:
    settings = load("[tool.llm-review.hook]\ndeadline = 7\n[tool.llm-review.serve]\nidle = 9\n", {})
    assert (settings.hook_deadline, settings.serve_idle) == (7.0, 9.0)


def test_later_layers_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = tmp_path / "config.toml"
    user.write_text('samples = 1\nmodel = "a"\nlanguage = "de"\nmax_units = 3\n')
    monkeypatch.setenv("LLM_REVIEW_SAMPLES", "3")
    project = '[tool.llm-review]\nsamples = 2\nmodel = "b"\nfail-on = "never"\n'
    settings = load(project, {"model": "c", "tests": None}, user)
    assert (settings.samples, settings.model, settings.language, settings.max_units) == (3, "c", "de", 3)
    assert settings.fail_on is FailOn.NEVER
    assert settings.tests


def test_nothing_given_is_the_default() -> None:
    assert load(None, {}) == Settings()


def test_a_list_of_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load('[tool.llm-review]\nrules = ["no print", " "]\n', {}).rules == ("no print",)
    monkeypatch.setenv("LLM_REVIEW_RULES", "one\ntwo\n")
    assert load(None, {}).rules == ("one", "two")


def test_severities_are_lines_or_a_table() -> None:
    lines = load('[tool.llm-review]\nseverity = ["ruff/S101 = off"]\n', {})
    assert load('[tool.llm-review.severity]\n"ruff/S101" = "off"\n', {}) == lines


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.llm-review]\nrules = [1]", "a list of texts"),
        ("[tool.llm-review]\nrules = 1", "must be tuple"),
        ("[tool.llm-review]\nsample = 1", "did you mean 'samples'"),
        ('[tool.llm-review]\nsamples = "many"', "must be int"),
        ("[tool.llm-review]\nsamples = -1", "must be int"),
        ("[tool.llm-review]\nsamples = true", "must be int"),
        ('[tool.llm-review]\nfail_on = "model"', "one of: reproduced, tool, never"),
        ("[tool.llm-review]\nllm = 7", "must be bool"),
        (
            '[tool.llm-review]\ntasks = ["find", "fixes"]',
            "'tasks' cannot be 'fixes' one of: behaviour, explain, find, fix",
        ),
        ('[tool.llm-review]\nseverity = ["ruff/S101 = bad"]', "a rule, and error, warning, note or off"),
        ('[tool.llm-review.severity]\n"ruff/S101" = 3', "'severity' cannot have 'ruff/S101 = 3'"),
        ("[tool.llm-review", "not valid TOML"),
    ],
)
def test_a_bad_setting_is_said(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(text, {})
    assert words in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("name", sorted(USERS_OWN))
def test_a_repository_decides_neither_where_code_goes_nor_what_is_spent(name: str) -> None:
    value = {"base_url": '"http://evil.example/v1"', "allow_remote": "true"}.get(name, "1.0")
    with pytest.raises(UsageError, match=f"cannot set '{name}'"):
        load(f"[tool.llm-review]\n{name.replace('_', '-')} = {value}\n", {})


def test_nor_when_it_writes_them_as_tables() -> None:
    with pytest.raises(UsageError, match="cannot set 'base_url'"):
        load('[tool.llm-review.base]\nurl = "http://evil.example/v1"\n', {})


def test_the_user_decides_where_code_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = tmp_path / "config.toml"
    user.write_text('base_url = "http://mine.example/v1"\n')
    monkeypatch.setenv("LLM_REVIEW_ALLOW_REMOTE", "true")
    settings = load(None, {}, user)
    assert (settings.base_url, settings.allow_remote) == ("http://mine.example/v1", True)
