from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from reviewer.craft.box import make_box
from reviewer.craft.typecheck import objections

OLD = "def f(x):\n    return x + 1\n"


def test_errors_that_come_with_the_new_text_are_told_and_old_ones_are_not(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "x.py").write_text(OLD)
    box = replace(make_box(tmp_path, "auto", sys.executable, tree), tree=tree, name="x.py", root=tree)
    bad = "def g(): pass\ny: int = 'a'\n"
    assert objections(box, bad + OLD, bad + "def f(x: int) -> int:\n    return x + 1\n") == ()
    (found,) = objections(box, bad + OLD, bad + "def f(x: int) -> str:\n    return x + 1\n") or ()
    assert found.startswith("Incompatible return value type")
    assert (tree / "x.py").read_text() == OLD
    assert objections(replace(box, tree=None), OLD, OLD) is None
