from __future__ import annotations

import ast

from reviewer.behaviour.instead import instead_of
from reviewer.behaviour.values import Vocabulary
from reviewer.behaviour.wrap import wrapped, wraps_for


def call_of(text: str) -> ast.Call:
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call)
    return node


def test_the_forms_are_those_that_the_code_may_see() -> None:
    assert "__import__('pathlib').Path({})" in wraps_for("os.walk(directory)")
    assert any("BytesIO" in form for form in wraps_for("in_stream.read()"))
    assert any("timezone" in form for form in wraps_for("value.tzinfo is None"))
    assert wraps_for("return a + b") == ()


def test_each_of_the_first_arguments_is_put_into_each_form() -> None:
    made = [ast.unparse(c) for c in wrapped(call_of("find(top, *rest, 2)"), ("iter({})",))]
    assert made == ["find(iter(top), *rest, 2)", "find(top, *rest, iter(2))"]


def test_only_calls_of_changed_files_and_never_as_of_the_same_type() -> None:
    words = Vocabulary(parameters={"find": ("top",)}, wraps=("iter({})",))
    typed = {ast.unparse(n): typed for n, typed in instead_of(call_of("find(top)"), words, ()) if n}
    assert typed["find(iter(top))"] is False
    assert not list(instead_of(call_of("other(top)"), words, ()))
