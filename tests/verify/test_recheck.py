from __future__ import annotations

from reviewer.finding import Counts
from reviewer.verify.recheck import check_fix
from reviewer.verify.runner import Bench, run_tests

from .conftest import Write

TESTS = "from calc import add\ndef test_add(): assert add(1, 2) == 3\ndef test_zero(): assert add(1, 0) == 1\n"
OTHER = "import none_such\ndef test_other(): pass\n"
BROKEN = "def add(a, b):\n    return a - b\n"


def test_a_fix_that_repairs_is_told_from_one_that_breaks(bench: Bench, write: Write) -> None:
    head = write("head", {"calc.py": BROKEN, "test_calc.py": TESTS, "test_other.py": OTHER})
    before = run_tests(bench, head, ["test_calc.py", "test_other.py"], timeout=60)
    assert before.counts == Counts(1, 2)

    good = write(
        "good", {"calc.py": BROKEN.replace("-", "+"), "test_calc.py": TESTS, "test_other.py": OTHER, "none_such.py": ""}
    )
    check = check_fix(bench, good, before, ["test_calc.py"], timeout=60)
    assert (check.fixed, check.still_red, check.newly_red) == (("test_calc.py::test_add", "test_other.py"), (), ())
    assert (check.before, check.after, check.doubt) == (Counts(1, 2), Counts(3), "")

    bad = write("bad", {"calc.py": "def add(a, b):\n    return 3\n", "test_calc.py": TESTS, "test_other.py": OTHER})
    check = check_fix(bench, bad, before, ["test_calc.py"], timeout=60)
    assert check.fixed == ("test_calc.py::test_add",)
    assert check.still_red == ("test_other.py",)
    assert check.newly_red == ("test_calc.py::test_zero",)


def test_a_fix_that_removes_or_skips_a_passing_test_makes_it_worse(open_bench: Bench, write: Write) -> None:
    head = write("head", {"calc.py": BROKEN, "test_calc.py": TESTS})
    before = run_tests(open_bench, head, ["test_calc.py"], timeout=60)
    conftest = "def pytest_collection_modifyitems(items): items[:] = []\n"
    fixed = write("fixed", {"calc.py": BROKEN, "test_calc.py": TESTS, "conftest.py": conftest})
    check = check_fix(open_bench, fixed, before, ["test_calc.py"], timeout=60)
    assert check.newly_red == ("test_calc.py::test_zero",)
    assert check.still_red == ("test_calc.py::test_add",)


def test_flaky_tests_are_left_out_of_the_account(open_bench: Bench, write: Write) -> None:
    head = write("head", {"calc.py": BROKEN, "test_calc.py": TESTS})
    before = run_tests(open_bench, head, ["test_calc.py"], timeout=60)
    ignore = ("test_calc.py::test_add",)
    check = check_fix(open_bench, head, before, ["test_calc.py"], timeout=60, ignore=ignore)
    assert (check.fixed, check.still_red, check.newly_red) == ((), (), ())
