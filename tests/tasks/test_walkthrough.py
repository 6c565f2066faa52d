from __future__ import annotations

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.finding import Category, Finding, Location, Proof, Severity
from reviewer.tasks.walkthrough import LARGE, first_look, walkthrough

PLAIN = "def f():\n    return 1"
RISKY = "def f():\n    if a and b:\n        return subprocess.run(c)"


def unit(path: str, name: str, text: str = PLAIN, new: bool = False) -> Unit:
    span = Span(1, text.count("\n") + 1, text)
    return Unit(path, name, UnitKind.FUNCTION, None if new else span, span, frozenset(range(1, span.end + 1)))


def finding(path: str, proof: Proof) -> Finding:
    return Finding("r", Category.BUG, Severity.ERROR, proof, Location(path, 2, 2), "q", "m", ("s",))


MANY = [
    *(unit("a/one.py", f"f{n}") for n in range(LARGE)),
    unit("b/x/two.py", "g", RISKY * 30, new=True),
    unit("tests/test_one.py", "test_f", RISKY * 60),
    unit("README.md", ""),
]


def test_a_large_change_is_walked_through_by_folder_the_riskiest_first() -> None:
    made = walkthrough(MANY)
    assert [e.path for e in made] == ["b/x/", "a/", "./", "tests/"]
    assert made[0].text == "1 changed piece in 1 file, 1 new: g"
    assert made[1].text == "15 changed pieces in 1 file: f0, f1, f10, f11 and 11 more"
    assert made == walkthrough(MANY[::-1])


def test_a_small_one_is_not() -> None:
    assert walkthrough(MANY[:LARGE]) == []


def test_what_was_reproduced_comes_first_then_what_a_tool_says_then_risk() -> None:
    units = [unit("a.py", "f"), unit("b.py", "g"), unit("c.py", "h", RISKY, new=True)]
    tool, shown, opinion = finding("a.py", Proof.TOOL), finding("b.py", Proof.REPRODUCED), finding("a.py", Proof.MODEL)
    assert first_look(units, [tool, shown]) == "Look first at b.py::g: what it breaks was reproduced."
    assert first_look(units, [tool]) == "Look first at a.py::f: a tool or an execution reports something."
    assert first_look(units, [opinion]).startswith("Look first at c.py::h: by its changed lines")
    assert first_look(units, []).endswith("the riskiest of 3 changed pieces, and it is new.")


def test_there_is_nothing_to_choose_between() -> None:
    assert first_look([unit("a.py", "f"), unit("tests/test_a.py", "test_f"), unit("x.md", "")], []) == ""
