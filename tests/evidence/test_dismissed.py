from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from reviewer.change.diff import read_change
from reviewer.change.git import Repository
from reviewer.change.spec import parse_spec
from reviewer.errors import UsageError
from reviewer.evidence.dismissed import FILE, baseline_for, dismissed_for, read_dismissed, with_entry
from tests.conftest import Repo

OLD, MINE, THEIRS = "a" * 16, "b" * 16, "c" * 16


def entry(mark: str) -> str:
    return f'[[dismissed]]\nid = "{mark}"\nbecause = "it is fine"\n'


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A base with one entry, a branch that brings in another, and a third in the work tree alone."""
    repo = Repo(tmp_path / "repo")
    (repo.root / FILE).write_text(entry(OLD))
    repo.git("add", ".")
    repo.git("commit", "-qm", "base")
    repo.git("checkout", "-qb", "topic")
    (repo.root / FILE).write_text(entry(OLD) + entry(THEIRS))
    (repo.root / "old.json").write_text(json.dumps({"findings": [{"id": THEIRS}]}))
    repo.git("add", ".")
    repo.git("commit", "-qm", "topic")
    (repo.root / FILE).write_text(entry(OLD) + entry(THEIRS) + entry(MINE))
    return repo


def marks(repo: Repo, scratch: Path, revision: str | None, local: bool) -> set[str]:
    with closing(Repository.open(repo.root, scratch)) as opened:
        change, _ = read_change(opened, parse_spec(revision, False, revision is None, None))
        return set(dismissed_for(opened, change, local))


def test_a_change_does_not_dismiss_what_is_found_in_it_but_its_reader_does(repo: Repo, tmp_path: Path) -> None:
    assert marks(repo, tmp_path / "1", "main..topic", local=False) == {OLD}
    assert marks(repo, tmp_path / "2", "main..topic", local=True) == {OLD, MINE}


def test_what_is_in_the_base_and_what_a_person_just_wrote_counts_for_their_work_tree(
    repo: Repo, tmp_path: Path
) -> None:
    assert marks(repo, tmp_path / "1", None, local=True) == {OLD, THEIRS, MINE}
    assert marks(repo, tmp_path / "2", None, local=False) == {OLD, THEIRS}


def test_a_baseline_counts_unless_it_came_with_the_change(repo: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text(json.dumps({"findings": [{"id": MINE}]}))
    with closing(Repository.open(repo.root, tmp_path / "git")) as opened:
        change, _ = read_change(opened, parse_spec("main..topic", False, False, None))
        assert set(baseline_for(opened, change, str(outside))) == {MINE}
        assert baseline_for(opened, change, "") == {}
        with pytest.raises(UsageError, match="came with the change"):
            baseline_for(opened, change, str(repo.root / "old.json"))
        with pytest.raises(UsageError, match="cannot read"):
            baseline_for(opened, change, str(tmp_path / "nowhere"))
        outside.write_text("{}")
        with pytest.raises(UsageError, match="no JSON report"):
            baseline_for(opened, change, str(outside))


@pytest.mark.parametrize(
    "text", ["a = = b", "dismissed = 3", '[[dismissed]]\nid = "x"\nbecause = "y"', entry("A" * 16)]
)
def test_a_file_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(UsageError):
        read_dismissed(text)


def test_entries_are_added_and_read_again() -> None:
    text = with_entry(with_entry("", OLD, 'say "why"\nnot'), MINE, "déjà vu")
    assert read_dismissed(text) == {OLD: 'say "why" not', MINE: "déjà vu"}
    for mark, why in ((OLD, "again"), ("xyz", "no id"), (THEIRS, "  ")):
        with pytest.raises(UsageError):
            with_entry(text, mark, why)
