from __future__ import annotations

import ast

import pytest

from reviewer.verify.mutants import definition_of, mutants

TEXT = '''"""Module."""


class Stack:
    def top(self, at: "int" = 0):
        """The top."""
        if not self.items:
            return None
        return self.items[-1]


def grade(points):
    if points >= 90 and points < 101:
        return "é" + "A"
    return f"{points + 1}" if points else "none"
'''


def test_each_mutant_is_another_program_that_differs_in_the_unit_alone() -> None:
    found = mutants(TEXT, "grade", 50)
    assert len({m.text for m in found}) == len(found) > 8
    for mutant in found:
        assert ast.dump(definition_of(mutant.text, "Stack")) == ast.dump(definition_of(TEXT, "Stack"))  # type: ignore[arg-type]
        assert mutant.text.split("\n")[:11] == TEXT.split("\n")[:11]


@pytest.mark.parametrize(
    "what",
    [
        "line 13: `points >= 90` became `points > 90`",
        "line 13: `points >= 90 and points < 101` became `points >= 90 or points < 101`",
        "line 13: `points >= 90 and points < 101` became `not (points >= 90 and points < 101)`",
        "line 13: `90` became `91`",
        "line 14: `'é' + 'A'` became `'é' - 'A'`",
        "line 14: `'é' + 'A'` became `None`",
        "line 14: `'A'` became `''`",
    ],
)
def test_what_is_broken(what: str) -> None:
    assert what in [m.what for m in mutants(TEXT, "grade", 50)]


def test_a_method_is_found_by_its_name_and_docstring_and_annotation_are_left() -> None:
    found = mutants(TEXT, "Stack.top", 50)
    assert "line 7: `not self.items` became `self.items`" in [m.what for m in found]
    assert all('"""The top."""' in m.text and '"int"' in m.text for m in found)


def test_every_line_has_one_before_any_has_two() -> None:
    assert {m.what.partition(":")[0] for m in mutants(TEXT, "grade", 3)} == {"line 13", "line 14", "line 15"}
    assert mutants(TEXT, "grade", 3) == mutants(TEXT, "grade", 3)


def test_what_is_not_there_has_none() -> None:
    assert mutants(TEXT, "Stack.bottom") == []
