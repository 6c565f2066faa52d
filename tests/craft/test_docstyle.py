from __future__ import annotations

import pytest

from reviewer.craft.docstyle import Style, detect, docstring
from reviewer.craft.example import Example
from reviewer.tasks.describe import Description

GOOGLE = 'def f(x):\n    """Do.\n\n    Args:\n        x: it.\n    """\n'
NUMPY = 'def f(x):\n    """Do.\n\n    Parameters\n    ----------\n    x\n        it.\n    """\n'
SPHINX = 'def f(x):\n    """Do.\n\n    :param x: it.\n    """\n'
PLAIN = 'def f(x):\n    """Do."""\n'
SAID = Description("double x", {"x": "the number", "*rest": ""}, "twice x", {"ValueError": "x is odd"})
EXAMPLES = (Example("f(2)", "4", ""), Example("f(1)", "", "ValueError"))


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        ([GOOGLE, PLAIN], Style.GOOGLE), ([NUMPY], Style.NUMPY), ([SPHINX], Style.SPHINX), ([PLAIN], Style.PLAIN),
        (["x = 1", "def ("], Style.GOOGLE), ([SPHINX, SPHINX, NUMPY], Style.SPHINX),
    ],
)  # fmt: skip
def test_the_style_is_that_of_most_docstrings(texts: list[str], style: Style) -> None:
    assert detect(texts) is style


def test_google() -> None:
    assert docstring(SAID, EXAMPLES, Style.GOOGLE).split("\n") == [
        "Double x.", "", "Args:", "    x: The number.", "", "Returns:", "    Twice x.", "", "Raises:",
        "    ValueError: X is odd.", "", "Examples:", "    >>> f(2)", "    4",
    ]  # fmt: skip


def test_numpy() -> None:
    assert docstring(SAID, EXAMPLES, Style.NUMPY).split("\n") == [
        "Double x.", "", "Parameters", "----------", "x", "    The number.", "", "Returns", "-------", "    Twice x.",
        "", "Raises", "------", "ValueError", "    X is odd.", "", "Examples", "--------", ">>> f(2)", "4",
    ]  # fmt: skip


def test_sphinx() -> None:
    assert docstring(SAID, (), Style.SPHINX).split("\n") == [
        "Double x.", "", ":param x: The number.", ":returns: Twice x.", ":raises ValueError: X is odd.",
    ]  # fmt: skip


def test_plain_has_the_purpose_and_the_examples() -> None:
    assert docstring(SAID, EXAMPLES, Style.PLAIN) == "Double x.\n\n>>> f(2)\n4"


@pytest.mark.parametrize("style", list(Style))
def test_every_style_is_found_again_in_what_it_writes(style: Style) -> None:
    body = docstring(SAID, EXAMPLES, style).replace("\n", "\n    ")
    assert detect([f'def f(x):\n    """{body}\n    """\n']) is style
