"""Facts are what the two syntax trees say, and nothing where they say nothing."""

from __future__ import annotations

import textwrap

import pytest

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.tasks.facts import MOST, NAMED, facts


def _facts(base: str | None, head: str | None, path: str = "m.py") -> tuple[str, ...]:
    return facts(Unit(path, "f", UnitKind.FUNCTION, _span(base), _span(head)))


def _span(text: str | None) -> Span | None:
    return None if text is None else Span(1, text.count("\n") + 1, textwrap.indent(text, "    "))


def _body(*lines: str, head: str = "def f(items, sep):") -> str:
    return "\n".join((head, *(f"    {line}" for line in lines)))


@pytest.mark.parametrize(
    ("base", "head", "told"),
    [
        (
            "return ' '.join(items)",
            "return sep.join(items)",
            "`return sep.join(items)` where `return ' '.join(items)` was",
        ),
        ("x = 1\nreturn x", "x = 1\ny = 2\nreturn x", "`y = 2` is new"),
        ("x = 1\ny = 2\nreturn x", "x = 1\nreturn x", "`y = 2` is gone"),
        ("return items", "if not items:\n    return None\nreturn items", "`if not items:` is new"),
        ("return 1  # one", "return 1  # a one", "comments or layout alone changed: the syntax tree is the same"),
        ('"""Old."""\nreturn 1', '"""New."""\nreturn 1', "docstrings alone changed"),
        ("x = 1\nreturn x", "x: int = 1\nreturn x", "annotations alone changed"),
        ('"""Old."""\nx = 1', '"""New."""\nx: int = 1', "docstrings and annotations alone changed"),
    ],
)
def test_a_small_change_is_quoted(base: str, head: str, told: str) -> None:
    assert _facts(_body(*base.split("\n")), _body(*head.split("\n"))) == (told,)


def test_many_changes_are_told_by_names() -> None:
    base = _body("try:", "    return table[sep]", "except (KeyError, ValueError):", "    raise Missing(sep) from None")
    head = _body("for one in items:", "    check(one)", "return table.get(sep)")
    assert _facts(base, head) == (
        "no longer raises `Missing`",
        "no longer catches `KeyError`, `ValueError`",
        "calls `check`, `table.get`",
        "a `for` loop more",
    )


def test_a_signature_is_told_by_its_parameters() -> None:
    told = _facts(_body("return 1", head="def f(a, b=1, *c):"), _body("yield 1", head="async def f(a, b=2, *, d='x'):"))
    assert told == (
        "parameter `d='x'` is new",
        "parameter `*c` is gone",
        "parameter `b=2` was `b=1`",
        "is a coroutine now",
    )
    assert len(told) == MOST


def test_what_only_moved_is_neither_new_nor_gone() -> None:
    assert _facts(_body("a(items)", "b(items)"), _body("b(items)", "a(items)")) == ()


def test_names_are_listed_up_to_a_number() -> None:
    calls = [
        f"call{number}(items, 'a long argument that makes the line too long to be quoted')"
        for number in range(NAMED + 2)
    ]
    assert _facts(_body("pass"), _body(*calls))[0].endswith("`call3` and 2 more")


def test_an_entry_of_a_dictionary_is_named_with_it() -> None:
    entries = [f"'key number {number}': 'value number {number}'," for number in range(9)]
    base, head = ("\n".join(["TABLE = {", *some, "}"]) for some in (entries[:-1], entries))
    assert _facts(base, head) == ("`{'key number 8': 'value number 8'}` is new in `TABLE`",)


def test_a_long_expression_is_cut() -> None:
    (told,) = _facts(_body(f"return {'a' * 40} + {'b' * 40}"), _body("return 1"))
    assert told.startswith("`1` where `aaa")
    assert told.endswith(" …` was")


@pytest.mark.parametrize(
    ("base", "head", "path"),
    [
        (None, "def f(): pass", "m.py"),
        ("def f(): pass", None, "m.py"),
        ("def f(:", "def f(): pass", "m.py"),
        ("a: 1", "a: 2", "m.yaml"),
        ("x = '`'", "x = '``'", "m.py"),
    ],
)
def test_of_what_cannot_be_compared_nothing_is_told(base: str | None, head: str | None, path: str) -> None:
    assert _facts(base, head, path) == ()
