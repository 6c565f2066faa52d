from __future__ import annotations

import re
from pathlib import Path

import git
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.change.change import Change, FileChange, Hunk, Status
from reviewer.change.diff import LINE_LIMIT, SIZE_LIMIT, read_change
from reviewer.change.git import Repository
from reviewer.change.spec import Spec, SpecKind
from reviewer.errors import UsageError
from reviewer.review import Skipped

from ..conftest import Repo
from .conftest import Open

WORKTREE = Spec(SpecKind.WORKTREE)


def _read(repo: Repo, opened: Open, *paths: str) -> tuple[Change, tuple[Skipped, ...]]:
    return read_change(opened(repo.root), Spec(SpecKind.WORKTREE, "", None, paths))


def _one(repo: Repo, opened: Open) -> FileChange:
    (file,) = _read(repo, opened)[0].files
    return file


def rebuilt(base: bytes, head: bytes, hunks: tuple[Hunk, ...]) -> bytes:
    """The head made of the base and, within the hunks only, of the head."""
    old, new = (re.findall(rb"[^\n]*\n|[^\n]+", side) for side in (base, head))
    lines: list[bytes] = []
    position = 1
    for hunk in hunks:
        first = hunk.base_start if hunk.base_count else hunk.base_start + 1
        lines += old[position - 1 : first - 1]
        lines += [new[line - 1] for line in hunk.head_lines]
        position = first + hunk.base_count
    return b"".join([*lines, *old[position - 1 :]])


def test_hunks_have_the_lines_that_changed(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n2\n3\n4\n5\n6\n"})
    repo.write("a.py", "1\ntwo\n3\n5\n6\n7\n8\n")
    file = _one(repo, opened)
    assert file.hunks == (Hunk(2, 1, 2, 1), Hunk(4, 1, 3, 0), Hunk(6, 0, 6, 2))
    assert file.changed_head_lines == {2, 3, 4, 6, 7}


def test_new_deleted_renamed_and_unchanged_files_are_told_apart(repo: Repo, opened: Open) -> None:
    text = "".join(f"line {n}\n" for n in range(30))
    repo.commit({"old.py": text, "gone.py": "x\n", "same.py": "s\n"})
    repo.git("mv", "old.py", "new.py")
    repo.write("new.py", text.replace("line 5\n", "line five\n"))
    (repo.root / "gone.py").unlink()
    repo.write("added.py", "a\nb\n")
    files = {file.path: file for file in _read(repo, opened)[0].files}
    assert {path: file.status for path, file in files.items()} == {
        "added.py": Status.ADDED,
        "gone.py": Status.DELETED,
        "new.py": Status.RENAMED,
    }
    assert files["new.py"].base_path == "old.py"
    assert files["new.py"].hunks == (Hunk(6, 1, 6, 1),)
    assert (files["added.py"].base_blob, files["added.py"].hunks) == ("", (Hunk(0, 0, 1, 2),))
    assert (files["gone.py"].head_blob, files["gone.py"].hunks) == ("", (Hunk(1, 1, 0, 0),))


def test_a_changed_mode_alone_has_no_hunks(repo: Repo, opened: Open) -> None:
    repo.commit({"run.py": "x\n"})
    (repo.root / "run.py").chmod(0o755)
    file = _one(repo, opened)
    assert (file.base_mode, file.head_mode, file.hunks) == ("100644", "100755", ())


def test_a_file_that_becomes_a_link_keeps_its_place_among_the_hunks(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n", "m.py": "1\n2\n", "z.py": "1\n"})
    (repo.root / "m.py").unlink()
    (repo.root / "m.py").symlink_to("../outside")
    repo.write("z.py", "1\n2\n")
    repo.write("a.py", "0\n1\n")
    files = {file.path: file for file in _read(repo, opened)[0].files}
    assert (files["m.py"].status, files["m.py"].head_mode) == (Status.TYPE_CHANGED, "120000")
    assert not files["m.py"].is_python
    assert files["m.py"].hunks == (Hunk(1, 2, 1, 1),)
    assert files["a.py"].hunks == (Hunk(0, 0, 1, 1),)
    assert files["z.py"].hunks == (Hunk(1, 0, 2, 1),)


def test_names_of_any_kind_come_through(repo: Repo, opened: Open) -> None:
    names = [
        "a b.py",
        'q"uote.py',
        "new\nline.py",
        "tab\t.py",
        "ünï.py",
        "f\udcff.py",
        "a b/a b.py",
        "-x.py",
        "@@ -1 +1 @@",
    ]
    repo.commit(dict.fromkeys(names, "1\n"))
    for name in names:
        repo.write(name, "1\n2\n")
    files = _read(repo, opened)[0].files
    assert {file.path for file in files} == set(names)
    assert all(file.hunks == (Hunk(1, 0, 2, 1),) for file in files)


@pytest.mark.parametrize("attributes", ["a.py -diff\nb.py binary\nc.py diff=evil\n", "* -diff\n", "* binary\n"])
def test_attributes_and_drivers_cannot_hide_code(repo: Repo, opened: Open, tmp_path: Path, attributes: str) -> None:
    repo.commit({"a.py": "1\n", "b.py": "1\n", "c.py": "1\n"})
    mark = tmp_path / "ran"
    for key in ("diff.evil.command", "diff.evil.textconv", "diff.external"):
        repo.git("config", key, f"touch {mark};true")
    repo.git("config", "diff.evil.binary", "true")
    for key, value in {
        "diff.noprefix": "true",
        "color.ui": "always",
        "diff.context": "9",
        "diff.renames": "copies",
    }.items():
        repo.git("config", key, value)
    repo.write(".gitattributes", attributes)
    for name in ("a.py", "b.py", "c.py"):
        repo.write(name, "1\nimport os\n")
    change, skipped = _read(repo, opened)
    assert [file.hunks for file in change.files if file.is_python] == [(Hunk(1, 0, 2, 1),)] * 3
    assert skipped == ()
    assert not mark.exists()


def test_content_that_looks_like_a_patch_is_content(repo: Repo, opened: Open) -> None:
    lines = ["diff --git a/7 b/7", "@@ -1 +1 @@", "--- a/x", "+++ b/x", "-- y", "++ z"]
    repo.commit({"a.txt": "\n".join(lines) + "\n", "b.txt": ""})
    repo.write("a.txt", "\n".join(f"@@ -{line} @@" for line in lines) + "\n")
    repo.write("b.txt", "diff --git a/0 b/0\n@@ -1 +1 @@\n")
    assert [file.hunks for file in _read(repo, opened)[0].files] == [(Hunk(1, 6, 1, 6),), (Hunk(0, 0, 1, 2),)]


def test_a_binary_file_is_named_and_harmless_unless_code_hides_in_it(repo: Repo, opened: Open) -> None:
    repo.commit({"logo.png": b"\x89PNG\0", "tool.sh": "echo\n", "mod.py": "x = 1\n"})
    repo.write("logo.png", b"\x89PNG\0\1")
    repo.write("tool.sh", "echo\n\0")
    repo.write("new.py", b"x = 1\n\0")
    repo.write("mod.py", "x = 2\n")
    change, skipped = _read(repo, opened)
    assert {file.path: file.binary for file in change.files} == {
        "logo.png": True,
        "mod.py": False,
        "new.py": True,
        "tool.sh": True,
    }
    assert {s.what: s.harmless for s in skipped} == {"logo.png": True, "new.py": False, "tool.sh": False}
    assert [file.path for file in change.files if file.hunks] == ["mod.py"]


def test_a_file_over_the_limit_is_named(repo: Repo, opened: Open) -> None:
    repo.commit({"big.py": "x = 1\n", "image.png": "x", "uv.lock": "x"})
    repo.write("big.py", "x = 1\n" * (SIZE_LIMIT // 6 + 1))
    repo.write("image.png", b"\0" * (SIZE_LIMIT + 1))
    repo.write("uv.lock", "x" * (SIZE_LIMIT + 1))
    change, skipped = _read(repo, opened)
    assert {s.what: s.harmless for s in skipped} == {"big.py": False, "image.png": False, "uv.lock": True}
    assert next(s.reason for s in skipped if s.what == "big.py") == "larger than 1 MB"
    assert not any(file.hunks for file in change.files)


def test_a_file_with_a_very_long_line_is_named_but_python_is_read(repo: Repo, opened: Open) -> None:
    line = "x" * (LINE_LIMIT + 1)
    repo.commit({"a.js": "", "a.py": ""})
    repo.write("a.js", line)
    repo.write("a.py", f"{line} = 1\n")
    change, skipped = _read(repo, opened)
    assert [s.what for s in skipped] == ["a.js"]
    assert [file.path for file in change.files if file.hunks] == ["a.py"]


def test_generated_files_stay_in_the_change_and_are_named(repo: Repo, opened: Open) -> None:
    repo.commit(
        {"uv.lock": "1\n", "gen.py": "x\n", "h.py": "# @generated\n", ".gitattributes": "gen.py linguist-generated\n"}
    )
    for name in ("uv.lock", "gen.py", "h.py"):
        repo.write(name, "2\n")
    repo.write(".gitattributes", "")
    change, skipped = _read(repo, opened)
    assert {s.what for s in skipped if s.harmless} == {"uv.lock", "gen.py", "h.py"} == {s.what for s in skipped}
    assert {file.path for file in change.files} == {"uv.lock", "gen.py", "h.py", ".gitattributes"}


def test_attributes_that_the_change_adds_hide_nothing(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n"})
    repo.write("a.py", "2\n")
    repo.write(".gitattributes", "*.py linguist-generated\n")
    change, skipped = _read(repo, opened)
    assert skipped == ()
    assert all(file.hunks for file in change.files)


def test_a_submodule_is_named_and_the_review_is_not_complete(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n"})
    Repo(repo.root / "sub").commit({"b.py": "1\n"})
    change, skipped = _read(repo, opened)
    assert [(file.path, file.head_mode, file.hunks) for file in change.files] == [("sub", "160000", ())]
    assert [(s.what, s.harmless) for s in skipped] == [("sub", False)]


def test_paths_narrow_the_change_and_a_rename_counts_under_both_names(repo: Repo, opened: Open) -> None:
    repo.commit({"a/x.py": "1\n", "ab/y.py": "1\n", "b/z.py": "long enough to be found again\n" * 9})
    repo.write("a/x.py", "2\n")
    repo.write("ab/y.py", "2\n")
    repo.git("mv", "b/z.py", "z.py")
    for paths, expected in {
        ("a",): ["a/x.py"],
        ("b", "ab/y.py"): ["ab/y.py", "z.py"],
        (".",): ["a/x.py", "ab/y.py", "z.py"],
    }.items():
        assert [file.path for file in _read(repo, opened, *paths)[0].files] == expected


def test_a_path_where_nothing_changed_is_named(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n", "b.py": "1\n"})
    repo.write("a.py", "2\n")
    change, skipped = _read(repo, opened, "b.py")
    assert change.files == ()
    assert [(s.what, s.harmless) for s in skipped] == [("b.py", True)]


def test_a_path_outside_the_repository_is_refused(repo: Repo, opened: Open) -> None:
    with pytest.raises(UsageError):
        _read(repo, opened, "../elsewhere")


def test_reading_a_change_writes_nothing_to_the_repository(repo: Repo, opened: Open) -> None:
    repo.commit({"a.py": "1\n", ".gitattributes": "gen/** linguist-generated\n"})
    repo.write("a.py", "2\n")
    repo.write("gen/b.py", "2\n")
    before = repo.state()
    _read(repo, opened)
    assert repo.state() == before


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return Repo(tmp_path_factory.mktemp("shared") / "repo")


LINES = st.lists(
    st.sampled_from([b"", b"a", b"b", b"-a", b"+b", b"@@ -1 +1 @@", b"\\ No", b"x\r", b"\x0c", b"\xff"]), max_size=12
)
TEXTS = st.builds(lambda lines, end: b"\n".join(lines) + end, LINES, st.sampled_from([b"", b"\n"]))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_the_base_and_the_hunks_make_the_head(
    pairs: list[tuple[bytes, bytes]], shared: Repo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for side in (0, 1):
        shared.commit({f"file {n}": pair[side] for n, pair in enumerate(pairs)})
    repository = Repository.open(shared.root, tmp_path_factory.mktemp("scratch"))
    change, _ = read_change(repository, Spec(SpecKind.RANGE, "HEAD~1..HEAD"))
    repository.close()
    assert {file.path for file in change.files} == {f"file {n}" for n, (old, new) in enumerate(pairs) if old != new}
    for file in change.files:
        old, new = pairs[int(file.path.split()[1])]
        assert rebuilt(old, new, file.hunks) == new


NAMES = st.sampled_from(["a.py", "b c.py", "d/e.py", 'q"uote.py', "é/ü.py", "tab\t.py", "z.bin"])
TREES = st.dictionaries(NAMES, TEXTS, min_size=1)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=TREES, new=TREES)
def test_files_and_what_became_of_them_are_as_another_reader_says(
    old: dict[str, bytes], new: dict[str, bytes], shared: Repo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """GitPython reads the same two commits; without renames, which are found by likeness."""
    for tree in (old, new):
        shared.git("rm", "-rfq", "--ignore-unmatch", ".")
        shared.commit(dict(tree))
    with git.Repo(shared.root) as other:
        expected = {(d.b_path or d.a_path, d.change_type) for d in other.commit("HEAD~1").diff("HEAD", no_renames=True)}
    repository = Repository.open(shared.root, tmp_path_factory.mktemp("scratch"))
    change, _ = read_change(repository, Spec(SpecKind.RANGE, "HEAD~1..HEAD"))
    repository.close()
    found = set()
    for file in change.files:
        renamed = file.status is Status.RENAMED
        found |= {(file.path, "A"), (file.base_path, "D")} if renamed else {(file.path, file.status.value)}
    assert found == expected
