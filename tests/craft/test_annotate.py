from __future__ import annotations

import ast
from pathlib import Path

import pytest

from reviewer.craft.annotate import agreed, annotated
from reviewer.craft.owntests import Recorded
from reviewer.craft.subject import definitions
from reviewer.verify.patch import same_code


@pytest.mark.parametrize(
    ("counts", "default", "kind"),
    [
        ({"int": 3}, None, "int"),
        ({"int": 3, "None": 1}, None, "int | None"),
        ({"int": 3}, "None", "int | None"),
        ({"int": 3}, "2.5", "float"),
        ({"int": 3, "str": 1}, None, ""),
        ({"int": 3}, "'a'", ""),
        ({"int": 3}, "[]", ""),
        ({"bool": 1, "int": 1}, None, ""),
        ({"list[int]": 2, "list[]": 1}, None, "list[int]"),
        ({"dict[str, int]": 2, "list[]": 1}, None, ""),
        ({"list[]": 4}, None, ""),
        ({"list[list[]]": 4}, None, ""),
        ({"?": 4}, None, ""),
        ({"None": 4}, None, "None"),
        ({}, None, ""),
    ],
)
def test_values_agree_on_one_type_or_on_none(counts: dict[str, int], default: str | None, kind: str) -> None:
    assert agreed(counts, ast.parse(default, mode="eval").body if default else None) == kind


CODE = """def plain(a, b: int, *rest, c=None, d="ä", e = 1):  # ä: (
    return a


class Basket:
    @cached
    def kept(self, a):
        return a

    async def add(
        self,
        ä,
    ):
        return None
"""
GIVEN = {
    "a": {"int": 2},
    "b": {"str": 2},
    "c": {"str": 1, "None": 1},
    "d": {"str": 2},
    "e": {"int": 2},
    "ä": {"int": 2},
}


def annotate(name: str, count: int = 2, version: tuple[int, int] = (3, 12), text: str = CODE) -> str:
    subject = next(s for s in definitions(Path("x.py"), text) if s.name == name)
    given = Recorded(name, count, (), GIVEN, {"None": 1})
    return annotated(subject, given, version).text


def test_only_the_head_is_changed_and_what_is_annotated_stays() -> None:
    text = annotate("plain")
    head = 'def plain(a: int, b: int, *rest, c: str | None = None, d: str = "ä", e: int = 1) -> None:  # ä: ('
    assert text == CODE.replace(CODE.splitlines()[0], head)
    assert same_code(CODE, text, annotations=False)
    assert not same_code(CODE, text)


def test_a_method_over_several_lines() -> None:
    assert "        self,\n        ä: int,\n    ) -> None:\n" in annotate("Basket.add")


def test_a_decorator_may_read_annotations() -> None:
    assert annotate("Basket.kept") == CODE


def test_one_call_says_too_little() -> None:
    assert annotate("plain", count=1) == CODE


def test_what_the_python_cannot_read_is_left_out() -> None:
    assert "c=None" in annotate("plain", version=(3, 9))
    future = "from __future__ import annotations\n" + CODE
    assert "c: str | None = None" in annotate("plain", version=(3, 9), text=future)
