from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.craft.box import Box
from reviewer.craft.contest import Contest, Timing
from reviewer.craft.optimise import Optimised, Optimiser, annotated
from reviewer.craft.owntests import OwnTests
from reviewer.craft.plain import Shape
from reviewer.craft.subject import definitions, subjects
from reviewer.tasks.optimise import Aim
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

SLOW = '''def unique(items):
    """Each item once."""
    kept = []
    for item in items:
        if item not in kept:
            kept.append(item)
    return kept
'''
FAST = "def unique(items):\n    return list(dict.fromkeys(items))\n"
WRONG = "def unique(items):\n    return sorted(set(items))\n"
SAME = SLOW.replace("kept", "found")
CALLS = "[1, 2, 2])\nunique(['b', 'a'])\nunique(x)\nos.remove('x')"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "slow.py"
    path.write_text(SLOW + "\n\nclass A:\n    def m(self):\n        pass\n")
    return path


def tried(box: Box, file: Path, *versions: str, name: str = "unique", more: tuple[str, ...] = ()) -> Optimised:
    provider = FakeProvider([CALLS, versions[0], *([versions[1:]] if versions[1:] else []), more or ("nothing",)])
    work = Optimiser(lambda: Session(provider), box, OwnTests.near(box), len(versions))
    return work(subjects(f"{file}::{name}")[0], lambda _: None)


def test_a_faster_version_is_shown_with_its_patch_and_what_was_measured(box: Box, file: Path) -> None:
    found = tried(box, file, FAST)
    assert "+    return list(dict.fromkeys(items))" in found.patch
    assert found.text.startswith('def unique(items):\n    """Each item once."""\n')
    assert set(found.inputs) == {"grown"}
    assert found.tests.why == "the file is in no repository"
    assert found.speedup > 2
    assert found.compared > 20
    assert found.timings[-1].size > found.timings[0].size
    assert "raises TypeError with it" in found.outside


def test_a_version_that_answers_otherwise_is_refuted_and_the_next_is_tried(box: Box, file: Path) -> None:
    found = tried(box, file, WRONG, FAST)
    assert (found.tried, bool(found.patch)) == (2, True)


def test_where_all_are_refuted_nothing_is_shown_and_the_input_is_told(box: Box, file: Path) -> None:
    found = tried(box, file, WRONG)
    assert (found.patch, found.text) == ("", file.read_text())
    assert found.reason.startswith("a version was refuted: unique(")


def test_an_equal_version_that_is_not_faster_is_not_called_so(box: Box, file: Path) -> None:
    found = tried(box, file, SAME)
    assert found.patch == ""
    assert "below 1.2" in found.reason


def test_a_version_that_never_ends_is_ended(box: Box, file: Path) -> None:
    found = tried(box, file, "def unique(items):\n    while True:\n        pass\n")
    assert "no answer within 1 s with it" in found.reason


def test_methods_are_not_called_with_values_of_our_own(box: Box, file: Path) -> None:
    assert "only plain functions" in tried(box, file, FAST, name="A.m").reason


def test_where_all_are_refuted_the_model_is_told_the_input_and_may_try_again(box: Box, file: Path) -> None:
    found = tried(box, file, WRONG, more=(FAST,))
    assert (found.tried, bool(found.patch)) == (2, True)


ANNOTATED = """def common(left: list[int], right: list[int]) -> list[int]:
    return [item for item in left if item in right]
"""


def test_with_annotations_and_a_known_pattern_no_model_is_needed(box: Box, tmp_path: Path) -> None:
    path = tmp_path / "slow.py"
    path.write_text(ANNOTATED)

    def never() -> Session:
        raise AssertionError

    found = Optimiser(never, box, OwnTests.near(box), 1)(subjects(str(path))[0], lambda _: None)
    assert "+    right_set = set(right)" in found.patch
    assert found.inputs["drawn"] > 50
    assert found.inputs["hypothesis"] > 20
    assert found.timings[-1].input.startswith("list of ")


LONG = """def sign(n: int) -> int:
    result = 0
    if n > 0:
        result = 1
    elif n < 0:
        result = -1
    return result
"""


@pytest.mark.parametrize(
    ("version", "shown", "reason"),
    [
        ("def sign(n: int) -> int:\n    return (n > 0) - (n < 0)\n", True, ""),
        ("def sign(n: int) -> int:\n    return 1 if n > 0 else -1\n", False, "sign(0): 0 before, -1 with it"),
        (LONG.replace("result", "value"), False, "neither shorter nor less branched"),
    ],
)
def test_a_clearer_version_is_equal_and_plainer_and_never_called_faster(
    box: Box, tmp_path: Path, version: str, shown: bool, reason: str
) -> None:
    path = tmp_path / "signs.py"
    path.write_text(LONG)
    session = Session(FakeProvider([version, ("nothing",)]))
    work = Optimiser(lambda: session, box, OwnTests.near(box), 1, Aim.CLEARER)
    found = work(subjects(str(path))[0], lambda _: None)
    assert bool(found.patch) is shown
    assert reason in found.reason
    if shown:
        assert found.shape_before is not None
        assert found.shape_after is not None
        assert (found.shape_before.complexity, found.shape_after.complexity) == (3, 1)


@pytest.mark.parametrize(
    ("head", "known"),
    [
        ("a: int, b: dict[str, list[int]]", True),
        ("a: list[int] | None", True),
        ("a", False),
        ("a: Basket", False),
        ("a: list", False),
        ("", False),
        ("a: int, b=None", True),
    ],
)
def test_values_are_drawn_only_where_every_annotation_says_which(head: str, known: bool) -> None:
    (subject,) = definitions(Path("x.py"), f"def f({head}): pass\n")
    assert annotated(subject.node) is known


@pytest.mark.parametrize(("seconds", "refused"), [(1e-3, True), (1e-7, False)])
def test_a_clearer_version_is_too_slow_where_anyone_could_notice(box: Box, seconds: float, refused: bool) -> None:
    work = Optimiser(lambda: Session(FakeProvider()), box, OwnTests.near(box), 1, Aim.CLEARER)
    timed = Contest({"drawn": 1}, (Timing(64, seconds, 2 * seconds, 0, 0),))
    assert ("2.0 times as long" in work._objection(timed, Shape(7, 3), Shape(2, 1))) is refused
