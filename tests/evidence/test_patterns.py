from __future__ import annotations

import ast
from pathlib import Path

import pytest

from reviewer.change.change import Change, Span, Unit, UnitKind
from reviewer.evidence.base import Sides
from reviewer.evidence.patterns import Patterns, searches

SLOW = "def f(xs):\n    seen = []\n    for x in xs:\n        if x not in seen:\n            seen.append(x)\n"


def collect(base: str | None, head: str, changed: set[int]) -> list[int]:
    span = Span(1, head.count("\n"), head)
    old = Span(1, base.count("\n"), base) if base else None
    unit = Unit("m.py", "f", UnitKind.FUNCTION, old, span, frozenset(changed))
    change = Change("/r", "b", "h", (), "t")
    found = Patterns().collect(change, Sides(Path("h"), lambda: Path("b")), lambda: (unit,)).findings
    return [f.location.start_line for f in found]


def test_a_list_that_is_searched_in_a_loop_is_found() -> None:
    assert collect(None, SLOW, {4}) == [4]


def test_blank_lines_before_a_function_hide_nothing() -> None:
    assert [s.line for s in searches("\n\n" + SLOW)] == [6]


def test_a_search_that_was_there_before_is_not_reported() -> None:
    assert collect(SLOW, SLOW, {4}) == []


def test_an_unchanged_line_is_not_reported() -> None:
    assert collect(None, SLOW, {1}) == []


@pytest.mark.parametrize(
    "text",
    [
        SLOW.replace("seen = []", "seen = set()"),
        SLOW.replace("def f(xs)", "def f(xs, seen)").replace("    seen = []\n", ""),
        SLOW.replace("seen = []", "seen = ['a', 'b']"),
        "def f(xs):\n    seen = []\n    return xs in seen\n",
        "def f(:\n",
    ],
)
def test_what_is_not_surely_a_growing_list_in_a_loop_is_left_alone(text: str) -> None:
    assert searches(text) == ()


@pytest.mark.parametrize(
    "line", ["while x in seen: pass", "for y in xs: seen.index(y)", "a = [y for y in xs if y in seen]"]
)
def test_every_kind_of_loop_counts(line: str) -> None:
    assert [s.line for s in searches(f"    def f(xs, x):\n        seen = list(xs)\n        {line}\n")] == [3]


@pytest.mark.parametrize(
    ("line", "slug"),
    [
        ("while queue: queue.pop(0)", "list-shift-in-loop"),
        ("for x in xs: queue.insert(0, x)", "list-shift-in-loop"),
        ("for x in xs: queue = queue + [x]", "list-copy-in-loop"),
        ("return sorted(xs)[0]", "sorted-for-one"),
        ("return sorted(xs)[-1]", "sorted-for-one"),
    ],
)
def test_work_on_a_whole_list(line: str, slug: str) -> None:
    assert [s.slug for s in searches(f"def f(xs):\n    queue = list(xs)\n    {line}\n")] == [slug]


@pytest.mark.parametrize(
    "line",
    [
        "queue.pop(0)",
        "while queue: queue.pop()",
        "for x in xs: queue.insert(1, x)",
        "for x in xs: queue += [x]",
        "for x in xs: other = queue + [x]",
        "return sorted(xs, key=len)[0]",
        "return sorted(xs)[1]",
    ],
)
def test_what_costs_little_is_left_alone(line: str) -> None:
    assert searches(f"def f(xs):\n    queue = list(xs)\n    {line}\n") == ()


def test_a_text_that_makes_no_list_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def parse(text: str) -> ast.Module:
        parsed.append(text)
        return ast.Module([], [])

    with monkeypatch.context() as patched:  # pytest parses too, where it tells of a failure
        patched.setattr("reviewer.evidence.patterns.ast.parse", parse)
        searches("def f(xs):\n    for x in xs:\n        print(x)\n")
    assert parsed == []


def test_a_list_under_a_name_that_python_reads_as_list_is_found() -> None:
    name = "li\N{LATIN SMALL LETTER LONG S}t"
    assert [s.line for s in searches(f"def f(xs, x):\n    seen = {name}(xs)\n    while x in seen: pass\n")] == [3]
