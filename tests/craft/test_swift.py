from __future__ import annotations

import ast

import pytest

from reviewer.craft.swift import rewrites

JOIN = "def f(xs):\n    text = ''\n    for x in xs:\n        text = text + x + ','\n    return text"


def cured(text: str) -> list[str]:
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    return list(rewrites(function))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(a, b):\n    return [x for x in a if x in b]",
         "def f(a, b):\n    b_set = set(b)\n    return [x for x in a if x in b_set]"),
        ("def f(xs):\n    for x in xs:\n        re.compile('a').search(x)",
         "def f(xs):\n    compiled_0 = re.compile('a')\n    for x in xs:\n        compiled_0.search(x)"),
        (JOIN,
         "def f(xs):\n    text = []\n    for x in xs:\n        text.append(x + ',')\n    return ''.join(text)"),
        (JOIN.replace("text = text + x + ','", "text += x"),
         "def f(xs):\n    text = []\n    for x in xs:\n        text.append(x)\n    return ''.join(text)"),
    ],
)  # fmt: skip
def test_a_known_pattern_has_its_cure(before: str, after: str) -> None:
    assert cured(before) == [after]


@pytest.mark.parametrize(
    "text",
    [
        "def f(a, b):\n    return a in b",
        "def f(a, b):\n    for x in a:\n        if x in b:\n            b.append(x)",
        "def f(a, b):\n    b_set = 1\n    return [x for x in a if x in b]",
        "def f(a, b):\n    for x in a:\n        b = x\n        x in b",
        "def f(xs, p):\n    for x in xs:\n        re.compile(p).search(x)",
        "def f(xs):\n    return re.compile('a').search(xs)",
        "def f(x):\n    text = ''\n    text = text + x\n    return text",
        "def f(xs):\n    text = ''\n    for x in xs:\n        text = x + text\n    return text",
        "def f(xs):\n    text = ''\n    for x in xs:\n        text = text + x\n    text = 1\n    return text",
    ],
)
def test_what_is_not_the_pattern_is_left(text: str) -> None:
    assert cured(text) == []
