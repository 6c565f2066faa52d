from __future__ import annotations

import ast
from pathlib import Path

import pytest

import reviewer
from reviewer.nodes import walk

FILES = sorted(Path(reviewer.__file__).parent.rglob("*.py"))[::20]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_nodes_are_those_of_the_library_in_its_order(file: Path) -> None:
    tree = ast.parse(file.read_bytes())
    assert walk(tree) == list(ast.walk(tree))


def test_a_node_that_was_made_by_hand_may_lack_fields() -> None:
    node = ast.Call()  # type: ignore[call-arg]
    assert walk(node) == [node]
