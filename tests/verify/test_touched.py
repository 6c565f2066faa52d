from __future__ import annotations

from reviewer.finding import Counts, Finding, Location, Proof, Severity, Side
from reviewer.review import FailOn

from .cases import Case, Make

CALC = "def half(a):\n    return a / 2\n\n\ndef add(a, b):\n    total = a + b\n    return total\n"
TESTS = """from calc import add, half


def test_half():
    assert half(4) == 2


def test_add():
    assert add(1, 2) == 3
"""


def only(case: Case) -> Finding:
    (finding,) = case.draft.findings
    return finding


def test_two_failures_are_placed_where_raised_and_where_executed(make: Make) -> None:
    head = CALC.replace("a / 2", "a / 0").replace("a + b", "a - b")
    case = make({"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": head})
    workshop = case.run()
    raised, executed = sorted(case.draft.findings, key=lambda f: f.location.start_line)
    assert raised.location == Location("calc.py", 2, 2)
    assert (raised.quote, raised.unit, raised.rule_id) == ("    return a / 0", "half", "bug/test-regression")
    assert "ZeroDivisionError" in raised.message
    assert executed.location == Location("calc.py", 6, 6)
    assert (executed.quote, executed.unit) == ("    total = a - b", "add")
    assert executed.message.startswith("test_calc.py::test_add passed before the change and fails with it: ")
    assert executed.reproducer is not None
    assert (executed.reproducer.base, executed.reproducer.head) == ("pass", "fail")
    assert executed.reproducer.command == "python -m pytest test_calc.py::test_add"
    assert "assert -1 == 3" in executed.reproducer.output
    assert workshop.failures[executed.reproducer.command].node_ids == ("test_calc.py::test_add",)
    review = case.draft.review(FailOn.REPRODUCED, "report")
    assert [f.blocking for f in review.findings] == [True, True]
    assert (review.tests.selected, review.tests.head, review.tests.base) == (
        ("test_calc.py",), Counts(0, 2), Counts(2),
    )  # fmt: skip
    assert "pytest" in review.receipt.interpreter
    assert review.receipt.isolation
    assert len(review.receipt.commands) == 6


def test_a_changed_test_is_the_place_when_nothing_else_changed(make: Make) -> None:
    case = make({"calc.py": CALC, "test_calc.py": TESTS}, {"test_calc.py": TESTS.replace("== 2", "== 3")})
    case.run()
    assert only(case).location == Location("test_calc.py", 5, 5)
    assert only(case).quote == "    assert half(4) == 3"
    assert only(case).unit == "test_half"


def test_a_wrong_test_is_the_place_though_other_code_changed_too(make: Make) -> None:
    tests = TESTS.replace("== 2", "== 2.0").replace("== 3", "== 4")
    case = make({"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": CALC + "X = 1\n", "test_calc.py": tests})
    case.run()
    assert only(case).location == Location("test_calc.py", 9, 9)


def test_a_failing_test_that_the_change_adds_is_a_finding_at_the_code_it_runs(make: Make) -> None:
    new = "def third(a):\n    return a / 2\n"
    test = "from calc import third\n\n\ndef test_third():\n    assert third(6) == 2\n"
    case = make({"calc.py": "X = 1\n"}, {"calc.py": new, "test_third.py": test})
    case.run()
    found = only(case)
    assert (found.rule_id, found.location) == ("bug/new-test-fails", Location("calc.py", 2, 2))
    assert "comes with the change" in found.message
    assert found.reproducer is not None
    assert found.reproducer.base == "absent"


def test_a_module_that_can_no_longer_be_imported_is_one_finding(make: Make) -> None:
    case = make(
        {"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": CALC.replace("def half", "X = 1 / 0\n\n\ndef half")}
    )
    case.run()
    found = only(case)
    assert (found.rule_id, found.location.path, found.location.start_line) == ("bug/tests-do-not-load", "calc.py", 1)
    assert found.message.startswith("test_calc.py can no longer be loaded: ")
    assert "ZeroDivisionError" in found.message
    assert (found.proof, found.severity) == (Proof.REPRODUCED, Severity.ERROR)


def test_a_module_that_is_not_installed_is_said_and_no_finding(make: Make) -> None:
    case = make({"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": "import nowhere\n" + CALC})
    case.run()
    assert case.draft.findings == []
    review = case.draft.review(FailOn.TOOL, "fail")
    assert [s.what for s in review.skipped if "nowhere" in s.reason] == ["test test_calc.py"]
    assert not review.complete


def test_a_deleted_module_that_tests_need_is_a_finding_on_the_base(make: Make) -> None:
    case = make({"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": None})
    case.run()
    assert only(case).location == Location("calc.py", 1, 1, Side.BASE)
    assert only(case).rule_id == "bug/tests-do-not-load"


def test_flaky_and_already_red_tests_are_said_and_never_findings(make: Make) -> None:
    flip = (
        "import pathlib\n\n\ndef test_flip():\n    p = pathlib.Path(__file__ + '.count')\n    first = not p.exists()\n"
        "    p.touch()\n    assert not first\n"
    )
    red = TESTS + "\n\ndef test_red():\n    assert add(1, 1) == 3\n"
    files = {"calc.py": CALC, "test_calc.py": red, "test_calc_flip.py": flip}
    case = make(files, {"calc.py": CALC.replace("total = a + b", "total = b + a")})
    case.run()
    assert case.draft.findings == []
    review = case.draft.review(FailOn.TOOL, "fail")
    said = {s.what: s.reason for s in review.skipped}
    assert "flaky" in said["test_calc_flip.py::test_flip"]
    assert "before the change" in said["test test_calc.py::test_red"]
    assert review.complete
    assert review.exit_code == 0


def test_where_nothing_can_be_loaded_the_reason_and_what_to_do_are_said(make: Make) -> None:
    tests = "import no_such_module_here\n" + TESTS
    case = make({"calc.py": CALC, "test_calc.py": tests}, {"calc.py": CALC.replace("a / 2", "a / 3")})
    case.run()
    (skipped,) = case.draft.review(FailOn.REPRODUCED, "report").skipped
    assert "(ModuleNotFoundError: No module named 'no_such_module_here')" in skipped.reason
    assert "is the project installed (pip install -e .)?" in skipped.reason
    assert not skipped.harmless


def test_without_touched_tests_nothing_runs_and_that_is_harmless(make: Make) -> None:
    from reviewer.verify.touched import run_touched

    case = make({"calc.py": CALC}, {"calc.py": CALC.replace("a / 2", "a / 0")})
    assert run_touched(case.repo, case.change, case.units, {}, case.settings, case.scratch, case.draft) is None
    review = case.draft.review(FailOn.TOOL, "fail")
    assert [(s.what, s.harmless) for s in review.skipped] == [("tests", True)]
    assert (review.complete, review.receipt.interpreter) == (True, "")
