from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.finding import Counts
from reviewer.verify.compare import Comparison, compare
from reviewer.verify.outcome import Frame
from reviewer.verify.runner import Bench

from .conftest import Write

BASE = "def add(a, b):\n    return a + b\n\n\ndef half(a):\n    return a / 2\n"
HEAD = "def add(a, b):\n    return a - b\n\n\ndef half(a):\n    return a / 0\n"
CHANGED = {"calc.py": {2, 6}}
TESTS = """
import pytest
from calc import add, half

@pytest.mark.parametrize("a", [1, 2, 3])
def test_half(a): half(a)
def test_add(): assert add(1, 2) == 3
def test_zero(): assert add(1, 0) == 1
def test_old_sin(): assert add(1, 2) == 4
"""


def go(bench: Bench, base: Path, head: Path, *targets: str, budget: float = 100, **changed: set[int]) -> Comparison:
    lines = {k.replace("__", "/") + ".py": v for k, v in changed.items()}
    return compare(bench, base, head, targets, lines or CHANGED, budget=budget)


def test_a_regression_is_told_from_old_sins_and_folded_by_cause(bench: Bench, write: Write) -> None:
    base = write("base", {"calc.py": BASE, "test_calc.py": TESTS})
    head = write("head", {"calc.py": HEAD, "test_calc.py": TESTS})
    found = go(bench, base, head, "test_calc.py")
    by_test = {f.node_ids[0]: f for f in found.regressions}
    assert set(by_test) == {"test_calc.py::test_half[1]", "test_calc.py::test_add"}
    half = by_test["test_calc.py::test_half[1]"]
    assert half.node_ids == tuple(f"test_calc.py::test_half[{a}]" for a in (1, 2, 3))
    assert (half.frame, half.executed) == (Frame("calc.py", 6), {"calc.py": (6,)})
    assert (half.base, half.head, half.outcome.exception) == ("pass", "fail", "ZeroDivisionError")
    added = by_test["test_calc.py::test_add"]
    assert (added.frame, added.executed) == (None, {"calc.py": (2,)})
    assert "assert -1 == 3" in added.outcome.text
    assert found.already_red == ("test_calc.py::test_old_sin",)
    assert (found.new_failures, found.collection_errors, found.flaky, found.skipped) == ((), (), (), ())
    assert found.head.counts == Counts(1, 5)
    assert found.base is not None
    assert found.base.counts == Counts(4, 1)
    assert len(found.commands) == 5


def test_the_base_is_not_run_when_the_head_is_green(open_bench: Bench, write: Write) -> None:
    head = write("head", {"calc.py": BASE, "test_calc.py": "def test_a(): pass\n"})
    found = go(open_bench, write("base", {}), head, "test_calc.py")
    assert (found.base, len(found.commands), found.head.counts) == (None, 1, Counts(1))


def test_a_test_that_the_base_lacks_counts_when_its_file_is_part_of_the_change(open_bench: Bench, write: Write) -> None:
    base = write("base", {"test_a.py": "def test_a(): pass\n"})
    head = write(
        "head", {"test_a.py": "def test_a(): pass\ndef test_new(): assert 0\n", "test_b.py": "def test_b(): 1 / 0\n"}
    )
    found = go(open_bench, base, head, "test_a.py", "test_b.py", test_b={1})
    assert [(f.node_ids, f.base, f.frame) for f in found.new_failures] == [
        (("test_b.py::test_b",), "absent", Frame("test_b.py", 1))
    ]
    assert found.regressions == ()
    assert [(s.what, s.harmless) for s in found.skipped] == [("test test_a.py::test_new", False)]


def test_a_flaky_test_is_named_and_proves_nothing(open_bench: Bench, write: Write) -> None:
    flip = (
        "import pathlib\n"
        "def test_flip():\n"
        "    p = pathlib.Path(__file__ + '.count')\n"
        "    n = int(p.read_text()) if p.exists() else 0\n"
        "    p.write_text(str(n + 1))\n"
        "    assert n not in {}\n"
    )
    base = write("base", {"calc.py": BASE, "test_a.py": flip.format("{9}"), "test_b.py": flip.format("{1}")})
    head = write("head", {"calc.py": HEAD, "test_a.py": flip.format("{0, 2}"), "test_b.py": flip.format("{0, 1, 2}")})
    found = go(open_bench, base, head, "test_a.py", "test_b.py")
    assert found.flaky == ("test_a.py::test_flip", "test_b.py::test_flip")
    assert (found.regressions, found.new_failures) == ((), ())


def test_a_module_that_only_the_head_cannot_import_is_an_error_of_its_tests(open_bench: Bench, write: Write) -> None:
    tests = {"test_a.py": "import calc\ndef test_a(): pass\n", "test_b.py": "import none_such\ndef test_b(): pass\n"}
    base = write("base", tests | {"calc.py": "X = 1\n"})
    head = write("head", tests | {"calc.py": "X = 1 / 0\n"})
    found = go(open_bench, base, head, "test_a.py", "test_b.py", calc={1})
    (error,) = found.collection_errors
    assert (error.node_ids, error.base, error.head, error.frame) == (
        ("test_a.py",),
        "pass",
        "error",
        Frame("calc.py", 1),
    )
    assert error.executed == {"calc.py": (1,)}
    assert found.already_red == ("test_b.py",)
    assert found.regressions == ()


def test_a_conftest_that_only_the_head_cannot_load_is_an_error_of_the_run(open_bench: Bench, write: Write) -> None:
    base = write("base", {"conftest.py": "", "test_a.py": "def test_a(): pass\n"})
    head = write("head", {"conftest.py": "import none_such\n", "test_a.py": "def test_a(): pass\n"})
    found = go(open_bench, base, head, "test_a.py", conftest={1})
    (error,) = found.collection_errors
    assert (error.node_ids, error.base) == (("",), "pass")
    assert "none_such" in error.outcome.text
    assert not found.skipped[0].harmless


def test_options_of_a_plugin_that_is_not_there_are_named(open_bench: Bench, write: Write) -> None:
    tests = {"test_a.py": "def test_a(): pass\n", "pytest.ini": "[pytest]\naddopts = --covers=a --covers-report x -q\n"}
    head = write("head", tests | {"calc.py": "X = 1\n"})
    found = go(open_bench, write("base", tests), head, "test_a.py", calc={1})
    assert "the project's settings give it --covers, --covers-report, for which" in found.skipped[0].reason


def test_a_hang_of_the_head_is_a_regression_and_what_did_not_run_is_said(
    open_bench: Bench, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewer.verify.compare.HEAD_SHARE", 0.25)
    tests = "import calc\ndef test_a(): pass\ndef test_hang(): calc.add(1, 2)\ndef test_z(): pass\n"
    base = write("base", {"calc.py": BASE, "test_a.py": tests})
    head = write("head", {"calc.py": "def add(a, b):\n    while True: pass\n", "test_a.py": tests})
    found = go(open_bench, base, head, "test_a.py", budget=12)
    (hang,) = found.regressions
    assert (hang.node_ids, hang.head, hang.base) == (("test_a.py::test_hang",), "timeout", "pass")
    assert any("1 tests did not run" in s.reason for s in found.skipped)


def test_a_crash_of_the_head_is_a_regression_and_the_run_is_not_complete(open_bench: Bench, write: Write) -> None:
    tests = "import calc\ndef test_crash(): calc.add(1, 2)\ndef test_z(): pass\n"
    base = write("base", {"calc.py": BASE, "test_a.py": tests})
    head = write("head", {"calc.py": "import os\ndef add(a, b): os._exit(0)\n", "test_a.py": tests})
    found = go(open_bench, base, head, "test_a.py")
    assert [(f.node_ids, f.head) for f in found.regressions] == [(("test_a.py::test_crash",), "error")]
    assert "ended early with code 0" in found.skipped[0].reason


def test_a_leak_proves_nothing(open_bench: Bench, write: Write) -> None:
    repo = write("repo", {"lib/pkg.py": "X = 1\n"})
    test = f"import sys; sys.path.insert(0, {str(repo / 'lib')!r})\nimport pkg\ndef test_a(): assert 0\n"
    found = go(
        open_bench,
        write("base", {"test_a.py": test.replace("assert 0", "pass")}),
        write("head", {"test_a.py": test}),
        "test_a.py",
    )
    assert (found.regressions, len(found.commands)) == ((), 1)
    assert "elsewhere" in found.skipped[0].reason


def test_a_renamed_test_file_is_compared_with_its_old_self(open_bench: Bench, write: Write) -> None:
    base = write("base", {"calc.py": BASE, "test_old.py": TESTS})
    head = write("head", {"calc.py": HEAD, "test_new.py": TESTS})
    names = {"test_new.py": "test_old.py"}
    found = compare(open_bench, base, head, ["test_new.py"], CHANGED, budget=100, renamed=names)
    assert {n for f in found.regressions for n in f.node_ids} >= {"test_new.py::test_add"}
    assert found.already_red == ("test_new.py::test_old_sin",)


def test_without_time_to_repeat_nothing_is_claimed(
    open_bench: Bench, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewer.verify.compare.LEAST_SECONDS", 10**6)
    base = write("base", {"calc.py": BASE, "test_calc.py": TESTS})
    head = write("head", {"calc.py": HEAD, "test_calc.py": TESTS})
    found = go(open_bench, base, head, "test_calc.py")
    assert (found.regressions, found.base) == ((), None)
    assert {s.what for s in found.skipped} >= {"test test_calc.py::test_add"}
    assert not any(s.harmless for s in found.skipped)


def test_a_test_whose_name_holds_an_address_is_the_same_test_in_every_run(open_bench: Bench, write: Write) -> None:
    test = (
        "import pytest\nfrom calc import add\nclass Two:\n    value = 2\n"
        "@pytest.mark.parametrize('a', [Two(), Two()], ids=repr)\ndef test_a(a): assert add(a.value, 1) == 3\n"
    )
    base = write("base", {"calc.py": BASE, "test_calc.py": test})
    head = write("head", {"calc.py": HEAD, "test_calc.py": test})
    (failure,) = go(open_bench, base, head, "test_calc.py").regressions
    assert [n.partition(" object at ")[2] for n in failure.node_ids] == ["?>]", "?>]#2"]


def test_a_test_that_depends_on_the_order_of_a_set_proves_nothing(open_bench: Bench, write: Write) -> None:
    test = "import os\ndef test_a(): assert os.environ['PYTHONHASHSEED'] not in '{}'\n"
    base = write("base", {"calc.py": BASE, "test_calc.py": test.format("")})
    head = write("head", {"calc.py": HEAD, "test_calc.py": test.format("0")})
    found = go(open_bench, base, head, "test_calc.py")
    assert (found.flaky, found.regressions) == (("test_calc.py::test_a",), ())


def test_a_test_whose_name_holds_this_moment_is_the_same_test_and_a_fixed_time_stays(
    open_bench: Bench, write: Write
) -> None:
    test = (
        "import datetime, pytest\nfrom calc import add\nnow = datetime.datetime.now()\n"
        "@pytest.mark.parametrize('a', [str(now), now.strftime('%H:%M:%S %Y-%m-%d'), '2001-02-03 04:05:06'])\n"
        "def test_a(a): assert add(1, 2) == 3\n"
    )
    base = write("base", {"calc.py": BASE, "test_calc.py": test})
    head = write("head", {"calc.py": HEAD, "test_calc.py": test})
    (failure,) = go(open_bench, base, head, "test_calc.py").regressions
    assert [n.partition("[")[2] for n in failure.node_ids] == ["?]", "?]#2", "2001-02-03 04:05:06]"]
