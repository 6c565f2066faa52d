from __future__ import annotations

import ast
from pathlib import Path

import pytest

from reviewer.behaviour.looking import Seen, Sight, definition, look, only_tests
from reviewer.behaviour.observe import observed
from reviewer.verify.runner import Bench

from .conftest import function_of

MODULE = """
import os
limit = 3
def helper(): return 1
def test_a(): assert 1
class TestB:
    def setup_method(self): self.x = 1
    def test_b(self): assert 2
    def test_c(self): assert 3
"""


def test_a_test_is_found_by_its_name() -> None:
    found = definition(MODULE, "TestB.test_b")
    assert found is not None
    assert ast.unparse(found.body[0]) == "assert 2"
    assert definition(MODULE, "TestB.test_a") is None
    assert definition("not python (", "test_a") is None


def test_the_other_tests_go_and_their_surroundings_stay() -> None:
    one, two = function_of("def test_b__v1(self): assert 4"), function_of("def test_b__v2(self): assert 5")
    text = only_tests(MODULE, {"TestB.test_b": [one, two]})
    assert "test_a" not in text
    assert "test_c" not in text
    for kept in ("import os", "helper", "setup_method", "test_b__v1", "test_b__v2"):
        assert kept in text


def seen_of(bench: Bench, folder: Path, *bodies: str, prefix: str = "") -> list[Seen]:
    """What tests of those bodies saw."""
    snapshot = folder / "snapshot"
    snapshot.mkdir(exist_ok=True)
    made = []
    for number, body in enumerate(bodies):
        source = f"def test_{number}():\n    " + body.replace("\n", "\n    ")
        made.append(ast.unparse(observed(function_of(source)).function))
    files = {"test_it.py": prefix + "\n" + "\n".join(made)}
    found = look(bench, snapshot, files, timeout=30, seconds=0.5, hash_seed=0)
    return [found[f"test_it.py::test_{n}"] for n in range(len(bodies)) if f"test_it.py::test_{n}" in found]


def test_what_is_seen_of_values_and_exceptions(bench: Bench, tmp_path: Path) -> None:
    value, raised, left = seen_of(
        bench, tmp_path, "assert [x, 'a'] == x", "assert 1 // 0", "y = 1 // 0", prefix="x = 1"
    )
    assert value.sights == (Sight(0, "value", "[1, 'a']", "[1, 'a']"), Sight(1, "value", "1", "1"))
    assert (value.end, value.raised) == ("passed", "")
    assert (raised.sights[0].kind, raised.sights[0].text) == ("raised", "ZeroDivisionError")
    assert raised.sights[0].literal.startswith("test_it.py:")
    assert raised.end == "passed"
    assert (left.end, left.raised, left.path) == ("failed in call", "ZeroDivisionError", "test_it.py")


CONTAINERS = """from collections.abc import Mapping, Set

class Box(Mapping):
    def __getitem__(self, key): return {"a": 1}[key]
    def __iter__(self): return iter(["a"])
    def __len__(self): return 1

class Bag(Set):
    def __contains__(self, item): return item in (1, 2)
    def __iter__(self): return iter([1, 2])
    def __len__(self): return 2
"""


@pytest.mark.parametrize(
    ("expression", "text", "literal", "form"),
    [
        ("{'b': 1, 'a': 2}", "{'a': 2, 'b': 1}", "{'b': 1, 'a': 2}", "{}"),
        ("Counter('aab')", "Counter{'a': 2, 'b': 1}", "{'a': 2, 'b': 1}", "dict({})"),
        ("defaultdict(list, {1: float('inf')})", "defaultdict{1: inf}", "'{1: inf}'", "repr(dict({}))"),
        ("Decimal('1.50')", "Decimal('1.50')", "\"Decimal('1.50')\"", "repr({})"),
        ("{3, 1, 2}", "{1, 2, 3}", "{1, 2, 3}", "{}"),
        ("0.1 + 0.2", "0.3", "", ""),
        ("object()", "object()", "", ""),
        ("(i for i in (1, 2))", "[1, 2]", "[1, 2]", "{}"),
        ("Box()", "Box()", "{'a': 1}", "dict({})"),
        ("Bag()", "Bag()", "{1, 2}", "set({})"),
        ("len", "<builtin_function_or_method len>", "'<built-in function len>'", "repr({})"),
    ],
)
def test_how_a_value_is_told(bench: Bench, tmp_path: Path, expression: str, text: str, literal: str, form: str) -> None:
    imports = "from collections import Counter, defaultdict\nfrom decimal import Decimal"
    (seen,) = seen_of(bench, tmp_path, f"assert {expression}", prefix=f"{imports}\n{CONTAINERS}")
    assert (seen.sights[0].text, seen.sights[0].literal, seen.sights[0].form) == (text, literal, form)


def test_a_test_that_does_not_end_is_stopped_and_the_next_one_runs(bench: Bench, tmp_path: Path) -> None:
    late, after = seen_of(bench, tmp_path, "while True: pass", "assert 7")
    assert late.raised == "late"
    assert after.sights[0].text == "7"


def test_where_nothing_ends_the_rest_is_left_out(bench: Bench, tmp_path: Path) -> None:
    assert 9 <= len(seen_of(bench, tmp_path, *["while True: pass"] * 12)) < 12


def test_a_test_that_ends_the_process_is_known(bench: Bench, tmp_path: Path) -> None:
    first, killed = seen_of(bench, tmp_path, "assert 1", "os._exit(3)", "assert 2", prefix="import os")
    assert first.raised == ""
    assert killed.raised == "killed"


def test_what_comes_with_the_items_of_an_iterator_is_seen_and_comes_again(bench: Bench, tmp_path: Path) -> None:
    make = "def make(n):\n    yield from range(n)\n    raise KeyError(n)\n"
    lazy, plain, again = seen_of(
        bench, tmp_path, "assert make(2)", "assert map(str, [1, 2])", "y = make(1)\nassert list(y)", prefix=make
    )
    assert lazy.sights == (Sight(0, "raised", "KeyError", "test_it.py:3", "items"),)
    assert plain.sights == (Sight(0, "items", "['1', '2']", "['1', '2']"),)
    assert [s.text for s in again.sights] == ["KeyError", "KeyError"]


def test_the_folder_of_a_side_is_no_difference(bench: Bench, tmp_path: Path) -> None:
    (one,) = seen_of(bench, tmp_path, "assert [os.path.abspath('a')]", prefix="import os")
    assert one.sights == (Sight(0, "value", "['<here>/a']", "", ""),)
