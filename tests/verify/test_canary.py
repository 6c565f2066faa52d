from __future__ import annotations

from collections.abc import Mapping

from .cases import Case, Make

CALC = "def half(a):\n    return a / 2\n\n\ndef add(a, b):\n    return a + b\n"
TESTS = "from calc import add, half\n\n\ndef test_half():\n    assert half(4) == 2\n"
BOTH = TESTS + "\n\ndef test_add():\n    assert add(1, 2) == 3\n"
HALF, ADD = CALC.replace("a / 2", "a * 0.5"), CALC.replace("a + b", "b + a")


def tried(make: Make, base: Mapping[str, str], head: Mapping[str, str]) -> tuple[str, str, dict[str, str], bool, int]:
    """Status, doubt, what was said to be left out, whether the review is complete, and the runs after the first."""
    case: Case = make(base, head)
    doubt = case.run().doubt
    review = case.draft.review(case.settings.fail_on, "report")
    said = {s.what: s.reason for s in review.skipped}
    assert (case.scratch / "head/calc.py").read_text() == case.text("calc.py")
    return review.tests.canary, doubt, said, review.complete, len(review.receipt.commands) - 2


def test_tests_that_fail_when_the_change_raises_are_worth_something_and_that_costs_one_run(make: Make) -> None:
    both = HALF.replace("a + b", "b + a")
    assert tried(make, {"calc.py": CALC, "test_calc.py": BOTH}, {"calc.py": both}) == ("caught", "", {}, True, 1)


def test_a_change_that_no_test_runs_is_named(make: Make) -> None:
    said = {"calc.py::add": "no test runs this code"}
    # Of two functions one is run: the other is looked at alone, since the first may have hidden it.
    both = HALF.replace("a + b", "b + a")
    assert tried(make, {"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": both}) == ("caught", "", said, True, 2)


def test_where_no_test_runs_anything_of_the_change_the_canary_is_missed(make: Make) -> None:
    said = {"calc.py::add": "no test runs this code"}
    found = tried(make, {"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": ADD})
    assert found == ("missed", "", said, True, 2)  # the base is asked too


def test_a_function_that_another_changed_one_hides_is_not_said_to_be_unseen(make: Make) -> None:
    calc = "def low(a):\n    return a\n\n\ndef high(a):\n    return low(a)\n"
    test = "from calc import high\n\n\ndef test_high():\n    assert high(1) == 1\n"
    head = calc.replace("return a", "return +a").replace("low(a)\n", "low(+a)\n")
    assert tried(make, {"calc.py": calc, "test_calc.py": test}, {"calc.py": head})[2] == {}


def test_tests_that_swallow_whatever_is_raised_prove_nothing(make: Make) -> None:
    quiet = "from calc import half\n\n\ndef test_half():\n    try:\n        half(4)\n    except:\n        pass\n"
    status, doubt, said, complete, _ = tried(make, {"calc.py": CALC, "test_calc.py": quiet}, {"calc.py": HALF})
    assert (status, complete) == ("missed", True)
    assert "stay green" in doubt
    assert "stay green" in said["tests"]


def test_a_change_that_makes_its_tests_swallow_everything_is_untrusted(make: Make) -> None:
    quiet = TESTS.replace("    assert half(4) == 2", "    try:\n        half(4)\n    except:\n        pass")
    head = {"calc.py": CALC.replace("a / 2", "a / 0"), "test_calc.py": quiet}
    status, doubt, said, complete, _ = tried(make, {"calc.py": CALC, "test_calc.py": TESTS}, head)
    assert (status, complete) == ("missed", False)
    assert doubt.startswith("on the base the tests fail")
    assert said["tests"].startswith("untrusted")


def test_new_code_whose_tests_swallow_everything_is_untrusted(make: Make) -> None:
    quiet = "from calc import half\n\n\ndef test_half():\n    try:\n        half(4)\n    except:\n        pass\n"
    status, _, said, complete, _ = tried(make, {"other.py": ""}, {"calc.py": CALC, "test_calc.py": quiet})
    assert (status, complete) == ("missed", False)
    assert said["tests"].startswith("untrusted: the tests run the changed code")


def test_statements_outside_of_functions_are_made_to_raise_where_nothing_else_changed(make: Make) -> None:
    calc = "LIMIT = 3\n" + CALC
    found = tried(make, {"calc.py": calc, "test_calc.py": TESTS}, {"calc.py": calc.replace("= 3", "= 4")})
    assert found[:2] == ("caught", "")


def test_a_function_that_is_only_called_in_a_process_of_its_own_is_seen(make: Make) -> None:
    test = (
        "import subprocess, sys\n\n\ndef test_half():\n"
        "    subprocess.run([sys.executable, '-c', 'import calc; calc.half(4)'], check=True)\n"
    )
    said = tried(make, {"calc.py": CALC, "test_calc.py": test}, {"calc.py": HALF})
    assert said[:2] == ("caught", "")


def test_other_words_in_comments_are_no_change_to_run(make: Make) -> None:
    case = make({"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": CALC + "# the end\n"})
    case.run()
    review = case.draft.review(case.settings.fail_on, "report")
    assert (review.tests.canary, len(review.receipt.commands)) == ("not_run", 2)
