from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewer.verify.applied import joined, new_texts
from reviewer.verify.patch import unified

LINES = ["a\n", "b\n", "\n", "  c\n", "d\r\n", "\x0c\n", "e\u2028f\n", "-- a/x\n", "@@ -1 +1 @@\n", "\\ No newline\n"]
TEXTS = st.lists(st.sampled_from(LINES), max_size=12).map("".join)


@given(TEXTS, TEXTS, st.booleans(), st.booleans())
def test_a_patch_gives_the_new_text_again(old: str, new: str, cut_old: bool, cut_new: bool) -> None:
    old, new = old[: -1 if cut_old else None], new[: -1 if cut_new else None]
    patch = unified("f.py", old, new)
    assert new_texts(patch, {"f.py": old}.__getitem__) == ({"f.py": new} if old != new else None)


def test_a_patch_of_several_files_and_what_is_no_patch() -> None:
    heads = {"a.py": "x\n", "b.py": "y\n"}
    patch = unified("a.py", "x\n", "z\n") + unified("b.py", "y\n", "")
    assert new_texts(patch, heads.__getitem__) == {"a.py": "z\n", "b.py": ""}
    for other in ("", "no patch", "--- a/a.py\n+++ b/c.py\n@@ -1 +1 @@\n-x\n+z\n", "said\n" + patch):
        assert new_texts(other, heads.__getitem__) is None


@given(TEXTS, TEXTS)
def test_one_fix_joined_is_itself(head: str, text: str) -> None:
    assert joined(head, [text, text]) == text


def test_changes_in_different_places_are_all_made_and_of_two_that_overlap_the_larger() -> None:
    head = "1\n2\n3\n4\n5\n"
    assert joined(head, ["one\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n"]) == "one\n2\n3\n4\nfive\n"
    assert joined(head, ["1\ntwo\n3\n4\n5\n", "1\nII\nIII\n4\n5\n"]) == "1\nII\nIII\n4\n5\n"
    assert joined(head, ["1\n2\n2.5\n3\n4\n5\n", "1\n2\n3\n4\n"]) == "1\n2\n2.5\n3\n4\n"


@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS)
def test_what_is_joined_has_no_line_that_nobody_wrote(texts: list[str], head: str) -> None:
    assert set(joined(head, texts).split("\n")) <= {line for text in [head, *texts] for line in text.split("\n")} | {""}
