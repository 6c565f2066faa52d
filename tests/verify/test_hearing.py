from __future__ import annotations

import pytest

from .cases import Make

CALC = "def half(a):\n    return a / 2\n"
TESTS = "from calc import half\n\n\ndef test_half():\n    assert half(4) == 2\n"
BETTER = CALC.replace("a / 2", "a * 0.5")
FIXTURE = "import pytest\n\n\n@pytest.fixture\ndef four():\n    return 4\n"
NEW_TEST = "\n\ndef test_four(four):\n    assert half(four) == 2\n"


def test_a_new_fixture_for_a_new_test_is_a_note_and_nothing_else(make: Make) -> None:
    case = make({"calc.py": CALC, "test_calc.py": TESTS},
                {"calc.py": BETTER, "test_calc.py": TESTS + NEW_TEST, "conftest.py": FIXTURE})  # fmt: skip
    assert case.run().doubt == ""
    review = case.draft.review(case.settings.fail_on, "fail")
    assert [f.rule_id for f in review.findings] == ["test/configuration-changed"]
    assert [(s.what, s.harmless) for s in review.skipped] == [("test test_calc.py::test_four", True)]
    assert "only with the pytest configuration" in review.skipped[0].reason
    assert (review.complete, review.exit_code, review.tests.canary) == (True, 0, "caught")


def test_an_old_test_that_needs_the_changed_conftest_is_no_finding_and_no_green(make: Make) -> None:
    base = {"calc.py": CALC, "test_calc.py": TESTS.replace("test_half()", "test_half(four)").replace("(4)", "(four)")}
    case = make(base | {"conftest.py": FIXTURE}, {
        "calc.py": "def half(a):\n    return a.value / 2\n",
        "conftest.py": FIXTURE.replace("return 4", "return type('Four', (), {'value': 4})"),
    })  # fmt: skip
    workshop = case.run()
    review = case.draft.review(case.settings.fail_on, "fail")
    assert [f.rule_id for f in review.findings] == ["test/configuration-changed"]
    assert (review.complete, workshop.doubt != "") == (False, True)
    assert any(s.reason.startswith("untrusted") and "AttributeError" in s.reason for s in review.skipped)


def test_where_the_configuration_is_the_same_nothing_more_is_run(make: Make) -> None:
    case = make({"calc.py": CALC, "test_calc.py": TESTS, "conftest.py": FIXTURE}, {"calc.py": BETTER})
    case.run()
    review = case.draft.review(case.settings.fail_on, "fail")
    assert len(review.receipt.commands) == 3  # the import graph, the head, the canary
    assert (review.skipped, review.findings) == ((), ())


REWRITES = (
    "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
    "    got = yield\n    got.get_result().outcome = 'passed'\n"
)
OTHER = "\n\ndef test_one():\n    assert half(0) == 0\n"


@pytest.mark.parametrize("conftest", [REWRITES, "import os\n\nos._exit(0)\n"])
def test_where_the_changed_conftest_makes_the_run_unbelievable_the_base_s_takes_its_place(
    make: Make, conftest: str
) -> None:
    head = {"calc.py": CALC.replace("/ 2", "/ 3"), "conftest.py": conftest, "test_new.py": NEW_TEST}
    case = make({"calc.py": CALC, "test_calc.py": TESTS + OTHER}, head)
    workshop = case.run()
    review = case.draft.review(case.settings.fail_on, "fail")
    blocking = [(f.rule_id, f.location.path) for f in review.findings if f.blocking]
    assert blocking == [("bug/test-regression", "calc.py")]  # and nothing of the new test, which lacks its fixture
    assert not review.complete
    assert (review.tests.canary, workshop.doubt) == ("caught", "")
