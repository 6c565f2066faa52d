from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.craft import growth, race

LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)
UNIQUE = """
def f(xs):
    kept = []
    for x in xs:
        if x not in kept:
            kept.append(x)
    return kept
"""
REMEMBERS = """
import time
known = {}
def f(n):
    if n not in known:
        time.sleep(0.002)
        known[n] = n
    return n
"""


def raced(
    place: Path, before: str, after: str, calls: list[str], others: list[str] | None = None, package: str = ""
) -> list[Any]:
    report = place / "report.jsonl"
    for name, text in (("before.py", before), ("after.py", after)):
        (place / name).write_text(text)
    spec = {
        "before": str(place / "before.py"), "after": str(place / "after.py"), "name": "f", "calls": calls,
        "others": others or [], "budget": 6.0, "report": str(report), "recorded": [], "package": package,
        "start": str(place.parent if package else place),
    }  # fmt: skip
    (place / "spec.json").write_text(json.dumps(spec))
    home = Path(race.__file__).parent
    for name in ("race", "llm_review_draws", "llm_review_growth"):
        shutil.copy(home / f"{name.removeprefix('llm_review_')}.py", place / f"{name}.py")
    subprocess.run([sys.executable, str(place / "race.py"), str(place / "spec.json")], check=True)
    return [json.loads(line) for line in report.read_text().splitlines()]


def test_equal_versions_are_measured_on_growing_inputs(tmp_path: Path) -> None:
    lines = raced(tmp_path, UNIQUE, "def f(xs):\n    return list(dict.fromkeys(xs))\n", ["([1, 2],)"])
    assert lines[0]["compared"]["grown"] > 20
    sizes = [line["size"] for line in lines[1:]]
    assert sizes[:2] == [64, 128]
    assert sizes == sorted(sizes)
    assert lines[-1]["before"] > lines[-1]["after"]


def test_a_version_that_loses_the_order_is_caught_with_the_input(tmp_path: Path) -> None:
    lines = raced(tmp_path, UNIQUE, "def f(xs):\n    return sorted(set(xs))\n", ["([1, 2],)"])
    assert list(lines[0]) == ["differ"]
    assert len(lines) == 1


def test_what_differs_outside_of_the_usual_calls_is_told_and_refutes_nothing(tmp_path: Path) -> None:
    lines = raced(tmp_path, UNIQUE, "def f(xs):\n    return list(dict.fromkeys(xs))\n", ["([1],)"], ["([[1], [2]],)"])
    assert lines[1] == {"outside": ["([[1], [2]],)", "[[1], [2]]", "raises TypeError"]}


@pytest.mark.parametrize(
    ("before", "after", "call"),
    [
        ("def f(xs):\n    return len(xs)\n", "def f(xs):\n    xs.sort()\n    return len(xs)\n", "([3, 1],)"),
        ("def f(n):\n    return n\n", "def f(n):\n    return float(n)\n", "(3,)"),
        ("def f(n):\n    return n / 2\n", "def f(n):\n    return n / 2 + 1e-7\n", "(3,)"),
        ("def f(n):\n    raise ValueError\n", "def f(n):\n    raise KeyError\n", "(3,)"),
        ("def f(n):\n    yield n\n", "def f(n):\n    yield n\n    yield n\n", "(3,)"),
    ],
    ids=["an argument changed", "another type", "a float", "another exception", "a generator"],
)
def test_differences_that_are_easily_missed(tmp_path: Path, before: str, after: str, call: str) -> None:
    assert list(raced(tmp_path, before, after, [call])[0]) == ["differ"]


def test_a_version_that_remembers_is_measured_as_if_it_were_new(tmp_path: Path) -> None:
    slow = "import time\ndef f(n):\n    time.sleep(0.002)\n    return n\n"
    lines = raced(tmp_path, slow, REMEMBERS, ["(3,)"])
    assert all(line["after"] > 0.002 for line in lines if "size" in line)


def test_what_does_not_repeat_itself_is_no_input(tmp_path: Path) -> None:
    text = "import random\ndef f(n):\n    return random.random()\n"
    assert raced(tmp_path, text, text, ["(3,)"]) == [{"compared": {}}]


@given(LITERALS, st.integers(0, 40))
def test_a_grown_value_keeps_its_type(value: Any, size: int) -> None:
    assert type(growth.grown(value, size, random.Random(1))) is type(value)


@given(LITERALS)
def test_every_value_is_like_itself_and_a_list_of_it_is_not(value: Any) -> None:
    assert race.alike(value, value)
    assert not race.alike(value, [value])


def test_likeness_is_strict_about_types_and_lenient_about_last_digits() -> None:
    assert race.alike([0.1 + 0.2], [0.3])
    assert race.alike(float("nan"), float("nan"))
    assert not race.alike(1, 1.0)
    assert not race.alike({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not race.alike((1,), [1])


DOUBLES = "def f(xs: list[int]) -> int:\n    return %s\n"


def test_values_are_drawn_by_the_annotations_and_calls_that_do_not_fit_only_tell(tmp_path: Path) -> None:
    after = DOUBLES % "len(xs) if len(xs) or not isinstance(xs, str) else 9"
    lines = raced(tmp_path, DOUBLES % "len(xs)", after, ["('',)", "(1, 2)", "([1],)"])
    assert lines[0]["compared"]["drawn"] > 50
    assert lines[1] == {"outside": ["('',)", "0", "9"]}


def test_a_difference_that_only_drawn_values_show_is_found(tmp_path: Path) -> None:
    lines = raced(tmp_path, DOUBLES % "max(xs, default=0)", DOUBLES % "max([0, *xs])", ["([1, 2],)"])
    assert list(lines[0]) == ["differ"]
    assert "-" in lines[0]["differ"][0]


def test_a_call_that_does_not_end_is_no_input(tmp_path: Path) -> None:
    text = "def f(n):\n    while n:\n        pass\n    return n\n"
    assert raced(tmp_path, text, text, ["(0,)", "(1,)"])[0]["compared"]["grown"] > 0


def test_a_file_of_a_package_imports_its_neighbours(tmp_path: Path) -> None:
    place = tmp_path / "pack"
    place.mkdir()
    (place / "__init__.py").write_text("")
    (place / "near.py").write_text("ONE = 1\n")
    text = "from .near import ONE\ndef f(n):\n    return n + ONE\n"
    assert raced(place, text, text, ["(3,)"], package="pack")[0]["compared"]["grown"] > 0


def test_what_takes_a_prime_long_is_measured_with_one(tmp_path: Path) -> None:
    text = "def f(n: int) -> bool:\n    return n > 1 and all(n % d for d in range(2, n))\n"
    fast = "def f(n: int) -> bool:\n    return n > 1 and all(n % d for d in range(2, int(n ** 0.5) + 1))\n"
    last = raced(tmp_path, text, fast, [])[-1]
    assert last["before"] > 5 * last["after"]


def test_a_search_for_equals_is_measured_where_there_are_none(tmp_path: Path) -> None:
    text = """def f(xs: list[int]) -> bool:
    for i in range(len(xs)):
        for j in range(i):
            if xs[i] == xs[j]:
                return True
    return False
"""
    lines = raced(tmp_path, text, "def f(xs: list[int]) -> bool:\n    return len(set(xs)) != len(xs)\n", [])
    assert lines[-1]["before"] > 5 * lines[-1]["after"]


@given(st.lists(st.integers() | st.text(max_size=2), max_size=5), st.integers(0, 40))
def test_items_that_are_apart_are_as_many(value: list[Any], size: int) -> None:
    ((found,), (plain,)) = (way((value,), size, random.Random(1)) for way in (growth.apart, growth.sized))
    assert len(found) == len(plain)
    if {type(item) for item in plain} in ({int}, {str}):
        assert len(set(found)) == len(found)
