from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.behaviour.compare import Ground
from reviewer.behaviour.seeds import Subjects, from_calls, from_tests
from reviewer.behaviour.values import Vocabulary
from reviewer.verify.touched import Workshop
from tests.verify.cases import Case, staged

SHAPES = """class Box:
    def __init__(self, n):
        self.n = n

    def size(self):
        return self.n + 1


def area(n):
    return n * n


def perimeter(n):
    return n * 4
"""
TESTS = """from shapes import Box, area, perimeter


def test_box():
    assert Box(1).n == 1


def test_area_through_a_box():
    assert area(Box(2).n) == 4


def test_perimeter():
    assert perimeter(1) == 4


def test_other():
    assert True
"""


Make = Callable[[str, str], Case]


@pytest.fixture
def make(tmp_path: Path, lean: Path) -> Iterator[Make]:
    cases: list[Case] = []

    def stage(old: str, new: str) -> Case:
        head = {"shapes.py": SHAPES.replace(old, new)}
        cases.append(staged(tmp_path, {"shapes.py": SHAPES, "test_shapes.py": TESTS}, head, lean))
        return cases[-1]

    yield stage
    for case in cases:
        case.repo.close()


def parts(case: Case, classes: Mapping[tuple[str, str], range]) -> tuple[Workshop, Ground, Subjects]:
    workshop = case.run()
    file = case.change.file("shapes.py")
    assert file is not None
    ground = Ground(workshop.bench, case.scratch / "base", case.scratch / "head", {"shapes.py": ()})
    return workshop, ground, Subjects({"shapes.py": file}, case.units, classes)


def test_tests_that_run_the_change_come_first(make: Make) -> None:
    case = make("n * n", "n ** 2")
    workshop, ground, subjects = parts(case, {})
    seeds = from_tests(workshop, ground, subjects, 30)
    assert seeds[0].name == "test_area_through_a_box"
    assert {s.name: s.near for s in seeds} == {
        "test_area_through_a_box": True, "test_box": False, "test_perimeter": False,
    }  # fmt: skip


def test_where_none_runs_it_those_of_its_class_are_near(make: Make) -> None:
    case = make("self.n + 1", "self.n + 2")
    workshop, ground, subjects = parts(case, {("shapes.py", "Box"): range(2, 7)})
    near = {s.name for s in from_tests(workshop, ground, subjects, 30) if s.near}
    assert near == {"test_box", "test_area_through_a_box"}


def test_calls_are_made_of_what_can_be_called(make: Make) -> None:
    case = make("n * n", "n ** 2")
    workshop, ground, subjects = parts(case, {})
    seeds = from_calls(ground, subjects, workshop, Vocabulary())
    assert all("from shapes import area\n" in s.module for s in seeds)
    assert len(seeds) > 20
    method = replace(subjects, units=tuple(replace(u, name="Box.size") for u in subjects.units))
    assert from_calls(ground, method, None, Vocabulary()) == []


def test_where_there_was_no_time_to_trace_what_tests_speak_of_decides(make: Make) -> None:
    case = make("n * n", "n ** 2")
    workshop, ground, subjects = parts(case, {})
    seeds = from_tests(workshop, ground, subjects, 0.01, ("perimeter",))
    assert [(s.name, s.near) for s in seeds[:2]] == [("test_area_through_a_box", True), ("test_perimeter", False)]
    assert len(seeds) == 4
    private = replace(subjects, units=tuple(replace(u, name="Box._perimeter") for u in subjects.units))
    near = {s.name for s in from_tests(workshop, ground, private, 0.01) if s.near}
    assert near == {"test_box", "test_area_through_a_box", "test_perimeter"}
