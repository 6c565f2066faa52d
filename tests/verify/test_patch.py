from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from reviewer.change.change import Hunk
from reviewer.verify.patch import hunks_between, refine, same_code, take_back, unified

TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "\n", "  c\n", "d\r\n", "\x0c\n", "e\u2028f\n"]), max_size=8).map(
    "".join
)


@given(TEXTS, TEXTS, st.booleans())
def test_taking_every_hunk_back_gives_the_base(base: str, head: str, cut: bool) -> None:
    base = base[:-1] if cut else base
    assert take_back(base, head, hunks_between(base, head)) == base


@given(TEXTS, TEXTS)
def test_taking_nothing_back_changes_nothing(base: str, head: str) -> None:
    assert take_back(base, head, ()) == head


def test_git_applies_the_patch_to_the_same_bytes(tmp_path: Path) -> None:
    for number, (old, new) in enumerate(
        (("a\nb\n", "a\nc"), ("a", "a\n"), ("x\r\ny\r\n", "x\r\nz\r\n"), ("q\n", "q\nr\n"))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "f.py").write_bytes(old.encode())
        patch = unified("f.py", old, new).encode()
        subprocess.run(["git", "apply", "-"], cwd=folder, input=patch, check=True, capture_output=True)
        assert (folder / "f.py").read_bytes() == new.encode()


def test_a_hunk_is_refined_to_the_lines_that_belong_together() -> None:
    base = 'def f(n):\n    """Doc."""\n    first = (n - 1) * size\n    return first\n'
    head = 'def f(n):\n    """Doc.\n\n    More.\n    """\n    n = max(n, 1)\n    first = n * size\n    return first\n'
    (hunk,) = hunks_between(base, head)
    parts = refine(base, head, hunk)
    assert Hunk(3, 1, 7, 1) in parts
    assert take_back(base, head, parts) == base
    assert "first = (n - 1) * size" in take_back(base, head, [Hunk(3, 1, 7, 1)])


@given(TEXTS, TEXTS)
def test_the_parts_of_all_hunks_are_the_whole_change(base: str, head: str) -> None:
    parts = [part for hunk in hunks_between(base, head) for part in refine(base, head, hunk)]
    assert take_back(base, head, parts) == base


def test_docstrings_comments_and_layout_are_not_the_program() -> None:
    assert same_code('def f():\n    "Doc."\n    return  1 # c\n', "def f():\n    return 1\n")
    assert not same_code("x = 1", "x = 2")
    assert not same_code("x = ", "x = ")
