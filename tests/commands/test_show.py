from __future__ import annotations

import stat
from pathlib import Path

import pytest

from reviewer import store
from reviewer.cli import main
from tests.conftest import Repo


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository with a review that is kept; the change it is of is gone since."""
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.py": "import os\n\nX = os\n"})
    repo.write("a.py", "import os\n\nX = 1\n")
    monkeypatch.chdir(repo.root)
    assert main(["diff", "--worktree", "--no-llm", "--no-tests", "-q"]) == 0
    repo.git("checkout", "a.py")
    return repo


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the browser of the test notes what it was told to open."""
    note, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {note}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    monkeypatch.setattr("webbrowser._tryorder", None)  # what it found before
    return note


def test_the_page_is_opened_and_has_the_change(repo: Repo, opened: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    before = repo.state()
    assert main(["show", "--web"]) == 0
    page = Path(capsys.readouterr().out.rstrip("\n"))
    assert opened.read_text() == page.as_uri()
    text = page.read_text()
    assert '<del class="l" data-n="   3      -">' in text
    assert "a.py" in text
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert repo.state() == before
    assert store.newest(page.parent) is not None


def test_where_there_is_no_browser_the_place_is_said(
    repo: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "")
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    capsys.readouterr()
    main(["show", "--web"])
    out = capsys.readouterr().out
    assert out.endswith("review.html (no browser was found to open it)\n")
    assert Path(out.split(" (")[0]).is_file()


def test_a_page_that_leads_elsewhere_is_replaced(repo: Repo, opened: Path, tmp_path: Path) -> None:
    (place,) = store.folders()
    (tmp_path / "mine").write_text("mine")
    (place / "review.html").symlink_to(tmp_path / "mine")
    main(["show", "--web"])
    assert (tmp_path / "mine").read_text() == "mine"
    assert not (place / "review.html").is_symlink()


def test_other_formats_are_written_beside_it(repo: Repo, opened: Path, tmp_path: Path) -> None:
    main(["show", "--web", "--format", f"html={tmp_path / 'x.html'}", "--format", "json"])
    assert '<del class="l"' in (tmp_path / "x.html").read_text()
    assert opened.exists()
