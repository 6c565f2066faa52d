from __future__ import annotations

import ast

from reviewer.behaviour.prune import around, reachable

from .conftest import function_of

MODULE = '''"""Prose."""
from __future__ import annotations
import os, json
import pytest
used = json
unused = os
pytestmark = pytest.mark.slow
def helper(): return used
@pytest.fixture
def given(): return helper()
@pytest.fixture(autouse=True)
def always(): ...
@pytest.fixture
def other(): ...
def test_old(): ...
class TestOld:
    def test_x(self): ...
print(1)
'''


def test_a_module_is_cut_to_what_one_test_needs() -> None:
    test = function_of("def test_it(given): assert given")
    kept = [ast.unparse(node) for node in reachable(around(ast.parse(MODULE).body, "", test), "test_it")]
    text = "\n".join(kept)
    for needed in ("annotations", "import os, json", "import pytest", "used = json", "pytestmark", "helper", "given"):
        assert needed in text
    for needed in ("def always", "print(1)", "def test_it"):
        assert needed in text
    for gone in ("Prose", "unused", "def other", "test_old", "TestOld"):
        assert gone not in text


def test_the_class_of_a_test_keeps_its_other_methods() -> None:
    source = "class Base: ...\nclass TestA(Base):\n    def setUp(self): ...\n    def test_x(self): ...\n"
    body = around(ast.parse(source).body, "TestA", function_of("def test_z(self): ..."))
    text = "\n".join(ast.unparse(node) for node in reachable(body, "TestA"))
    assert "class Base" in text
    assert "setUp" in text
    assert "test_z" in text
    assert "test_x" not in text
