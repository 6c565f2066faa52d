from __future__ import annotations

import pytest

from reviewer.change import shown
from reviewer.change.diff import read_change
from reviewer.change.shown import changed_files
from reviewer.change.spec import Spec, SpecKind
from reviewer.review import ChangedFile, Edit

from ..conftest import Repo
from .conftest import Open

WORKTREE = Spec(SpecKind.WORKTREE)
KEY = "hunter2-hunter2"


def files_of(repo: Repo, opened: Open, secrets: tuple[str, ...] = ()) -> dict[str, ChangedFile]:
    here = opened(repo.root)
    change, _ = read_change(here, WORKTREE)
    return {file.path: file for file in changed_files(change, here.read, secrets)}


def test_lines_and_edits_of_every_kind_of_file(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n2\n3\n", "gone.py": "x\ny", "odd.py": "a\r\nb\r\n", "data": b"\0"})
    repo.write("a.py", "1\ntwo\n3\n4\n")
    repo.write("odd.py", "a\r\nB\xff\r\n".encode("latin-1"))
    repo.write("data", b"\0\0")
    repo.write("empty.py", "")
    (repo.root / "gone.py").unlink()
    files = files_of(repo, opened)
    assert files["a.py"] == ChangedFile(
        "a.py", "a.py", "M", ("1", "two", "3", "4"), (Edit(2, 1, ("2",)), Edit(4, 1, ()))
    )
    assert files["gone.py"] == ChangedFile("gone.py", "gone.py", "D", (), (Edit(0, 0, ("x", "y")),))
    assert files["odd.py"].lines == ("a", "B\ufffd")
    assert files["odd.py"].edits == (Edit(2, 1, ("b",)),)
    assert files["data"].omitted == files["empty.py"].omitted == "its lines were not read"


def test_secrets_are_hidden_on_both_sides_and_no_line_goes(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": f"x = '{KEY}'\n"})
    repo.write("a.py", f"# {KEY}\nBEGIN key\nabcdefgh\nEND key\n")
    (file,) = files_of(repo, opened, (KEY, "BEGIN key\nabcdefgh\nEND key")).values()
    assert file.edits == (Edit(1, 4, ("x = 'hun[...]'",)),)
    assert len(file.lines) == 4
    assert not {"abcdefgh", KEY} & set(" ".join(file.lines).split())


def test_what_is_too_much_is_named_without_its_lines(repo: Repo, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"a.py": "", "b.py": ""})
    repo.write("a.py", "1\n")
    repo.write("b.py", "2\n")
    monkeypatch.setattr(shown, "MOST", 3)
    files = files_of(repo, opened)
    assert files["a.py"].lines == ("1",)
    assert files["b.py"].lines == ()
    assert "too large" in files["b.py"].omitted
