from __future__ import annotations

from collections.abc import Sequence

import pytest

from reviewer.finding import Finding, Location, Verdict
from reviewer.interrupt import TimeUpError
from reviewer.verify.culprit import find_culprits
from reviewer.verify.judge import Judgement, by_tests, refused
from reviewer.verify.patch import Candidate
from reviewer.verify.touched import Workshop

from .cases import Case, Make

CALC = """def price(amount, rate):
    tax = amount * rate
    total = amount + tax
    return round(total, 2)


def label(name):
    return name.strip().title()


def count(items):
    return len(items)
"""
TESTS = """from calc import count, label, price


def test_price():
    assert price(100, 0.5) == 150


def test_label():
    assert label(" a ") == "A"


def test_price_of_three():
    assert price(3, 0.25) == 3.75
"""


def find(case: Case) -> list[Finding]:
    return find_all(case)[0]


def find_all(case: Case) -> tuple[list[Finding], Workshop]:
    workshop = case.run()
    before = (workshop.head / "calc.py").read_bytes()
    found = find_culprits(case.repo, case.change, case.units, workshop, case.draft)
    assert (workshop.head / "calc.py").read_bytes() == before
    return case.draft.findings, found


def test_the_one_line_among_several_hunks_is_found_and_two_tests_become_one_finding(make: Make) -> None:
    head = (
        CALC.replace("    tax = amount * rate", "    tax = rate * amount")
        .replace("amount + tax", "amount - tax")
        .replace("name.strip().title()", "name.title().strip()")
    )
    case = make({"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": head})
    (found,), workshop = find_all(case)
    assert found.location == Location("calc.py", 3, 3)
    assert found.message.startswith("test_calc.py::test_price and 1 more passed before the change and fails with it")
    (failure,) = workshop.failures.values()
    assert failure.node_ids == ("test_calc.py::test_price", "test_calc.py::test_price_of_three")
    assert (found.quote, found.unit) == ("    total = amount - tax", "price")
    fix = found.suggestion
    assert fix is not None
    assert (fix.verdict, fix.description) == (Verdict.VERIFIED, "take this line back")
    assert [line for line in fix.patch.splitlines() if line[:1] in "+-"][2:] == [
        "-    total = amount - tax", "+    total = amount + tax",
    ]  # fmt: skip
    assert fix.before is not None
    assert fix.after is not None
    assert (fix.before.failed, fix.after.failed, fix.after.passed) == (2, 0, 3)


def test_a_culprit_in_another_function_than_the_failure_takes_its_unit_along(make: Make) -> None:
    base = "def rate():\n    return 2\n\n\ndef price(amount):\n    return 8 // amount // rate()\n"
    head = base.replace("return 2", "return 0").replace("8 // amount", "(8 // amount)")
    tests = "from calc import price\n\n\ndef test_price():\n    assert price(1) == 4\n"
    (found,) = find(make({"calc.py": base, "test_calc.py": tests}, {"calc.py": head}))
    assert (found.location.start_line, found.quote, found.unit) == (2, "    return 0", "rate")


def test_a_change_whose_two_places_belong_together_is_taken_back_whole(make: Make) -> None:
    head = CALC.replace("tax = amount", "tax = 2 * amount").replace("total, 2", "2 * total, 2")
    head = head.replace("amount + tax", "amount + tax + 0")
    case = make({"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": head})
    (found,) = find(case)
    assert found.suggestion is not None
    assert found.suggestion.verdict is Verdict.VERIFIED
    assert "+    tax = amount * rate" in found.suggestion.patch
    assert "+    return round(total, 2)" in found.suggestion.patch


def test_hunks_that_are_far_apart_and_both_needed_are_taken_back_together(make: Make) -> None:
    base = "def one():\n    return 1\n\n\n" + "X = 1\n" * 8 + "\n\ndef both():\n    return one() + 2\n"
    head = base.replace("return 1", "return 5").replace("one() + 2", "one() + 6")
    tests = "from calc import both\n\n\ndef test_both():\n    assert both() == 3\n"
    (found,) = find(make({"calc.py": base, "test_calc.py": tests}, {"calc.py": head}))
    assert found.suggestion is not None
    assert found.suggestion.description == "take 2 places of this file back"
    assert found.suggestion.verdict is Verdict.VERIFIED


def test_nothing_is_tried_when_the_base_did_not_have_the_test(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.verify.culprit.by_tests", _never)
    tests = TESTS + "\n\ndef test_count():\n    assert count([]) == 1\n"
    case = make(
        {"calc.py": CALC, "test_calc.py": TESTS},
        {"calc.py": CALC.replace("len(items)", "len(list(items))"), "test_calc.py": tests},
    )
    (found,) = find(case)
    assert found.suggestion is None


def test_an_emptied_file_is_a_finding_at_its_first_line(make: Make) -> None:
    (found,) = find(make({"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": ""}))
    assert (found.location, found.quote) == (Location("calc.py", 1, 1), "")
    assert found.suggestion is not None
    assert found.suggestion.verdict is Verdict.VERIFIED


def test_the_blank_lines_before_a_culprit_are_not_its_place(make: Make) -> None:
    (found,) = find(make({"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": CALC + "\n\nX = 1 / 0\n"}))
    assert (found.location, found.quote) == (Location("calc.py", 15, 15), "X = 1 / 0")


def test_new_tests_that_fail_at_one_place_are_all_in_its_finding(make: Make) -> None:
    tests = "from calc import f\n\n\ndef test_one():\n    assert f(1) == 1\n\n\ndef test_two():\n    assert f(2) == 2\n"
    (found,), workshop = find_all(make({"a.py": ""}, {"calc.py": "def f(a):\n    return 0\n", "test_calc.py": tests}))
    assert found.message.startswith("test_calc.py::test_one and 1 more comes with the change")
    assert [f.node_ids for f in workshop.failures.values()] == [("test_calc.py::test_one", "test_calc.py::test_two")]


def test_hunks_of_docstrings_and_comments_are_not_tried(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def note(workshop: Workshop, candidate: Candidate, *_: object) -> Judgement:
        tried.append(candidate.text)
        return refused("not today")

    monkeypatch.setattr("reviewer.verify.culprit.by_tests", note)
    documented = CALC.replace("def count(items):\n", 'def count(items):\n    """Count."""\n')
    documented = documented.replace("    tax =", "    # tax\n    tax =")
    head = documented.replace("strip().title()", "strip().upper()[:0]")
    (found,) = find(make({"calc.py": CALC, "test_calc.py": TESTS}, {"calc.py": head}))
    assert found.suggestion is None
    assert tried == [documented, CALC]


def _never(*_: object) -> None:
    raise AssertionError("a candidate was tried")


def test_a_change_to_two_files_that_belongs_together_is_taken_back_whole(make: Make) -> None:
    base = {
        "calc.py": "import rates\n\ndef price(a):\n    return a * rates.VAT\n",
        "rates.py": "VAT = 2\n",
        "test_calc.py": "from calc import price\n\ndef test_price():\n    assert price(2) == 4\n",
    }
    head = {"calc.py": base["calc.py"].replace("rates.VAT", "rates.TAX"), "rates.py": "TAX = 3\n"}
    (finding,) = find(make(base, head))
    assert finding.suggestion is not None
    assert finding.suggestion.verdict is Verdict.VERIFIED
    assert finding.suggestion.patch.count("+++ b/") == 2
    assert finding.location.path == "calc.py"


def test_no_fix_takes_the_change_to_a_test_back(make: Make) -> None:
    test = "from calc import count\n\ndef test_count():\n    assert count([1]) == {}\n"
    base = {"calc.py": CALC, "test_calc.py": test.format(1)}
    (finding,) = find(make(base, {"test_calc.py": test.format(2)}))
    assert finding.suggestion is None


MANY = "from calc import count\n\n\n" + "\n\n".join(
    f"def test_{n}():\n    assert count(range({n})) == {n}, 'of {n}'\n" for n in range(6)
)
SEVERAL = "\n\n" + "\n\n".join(
    f"def test_as_{kind}():\n    try:\n        assert count('ab') == 2\n    except AssertionError:\n"
    f"        raise {kind}('told') from None\n"
    for kind in ("ValueError", "KeyError", "TypeError")
)


def spied(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The reproducers of every run with a fix."""
    runs: list[tuple[str, ...]] = []
    real = by_tests

    def judge(workshop: Workshop, candidate: Candidate, names: Sequence[str], lines: Sequence[int]) -> Judgement:
        runs.append(tuple(names))
        return real(workshop, candidate, names, lines)

    monkeypatch.setattr("reviewer.verify.culprit.by_tests", judge)
    return runs


def test_many_ways_to_fail_of_one_bug_are_one_finding_after_two_runs(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = CALC.replace("len(items)", "len(items) + 1")
    case = make({"calc.py": CALC, "test_calc.py": MANY + SEVERAL}, {"calc.py": head})
    runs = spied(monkeypatch)
    (found,), workshop = find_all(case)
    assert found.message.startswith("test_calc.py::test_0 and 8 more passed before the change")
    (failure,) = workshop.failures.values()
    assert len(failure.node_ids) == 9
    assert [len(names) for names in runs] == [1, 9]
    assert found.suggestion is not None
    assert found.suggestion.reason.startswith("the 9 failing tests pass with it")


def test_what_the_deadline_kept_from_being_tried_is_counted_with_the_finding_at_its_place(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = CALC.replace("len(items)", "len(items) + 1")
    case = make({"calc.py": CALC, "test_calc.py": MANY + SEVERAL}, {"calc.py": head})

    def late(*_: object) -> Judgement:
        raise TimeUpError

    monkeypatch.setattr("reviewer.verify.culprit.by_tests", late)
    with pytest.raises(TimeUpError):
        find(case)
    (found,) = case.draft.findings
    assert "and 8 more passed before the change" in found.message


def test_two_bugs_that_one_fix_does_not_mend_stay_two_findings(make: Make) -> None:
    head = CALC.replace("len(items)", "len(items) + 1").replace("name.strip().title()", "name.strip()")
    case = make({"calc.py": CALC, "test_calc.py": TESTS + "\n\ndef test_count():\n    assert count('ab') == 2\n"},
                {"calc.py": head})  # fmt: skip
    found, workshop = find_all(case)
    assert {f.unit for f in found} == {"label", "count"}
    assert {f.node_ids for f in workshop.failures.values()} == {
        ("test_calc.py::test_label",), ("test_calc.py::test_count",),
    }  # fmt: skip


@pytest.mark.parametrize("most", [16, 1])
def test_what_the_fix_of_another_does_not_mend_stays_a_finding_at_the_same_place(
    make: Make, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Also where the tries, and not the attempts, came to their end."""
    head = CALC.replace("len(items)", "len(items) + 1")
    case = make({"calc.py": CALC, "test_calc.py": MANY + SEVERAL}, {"calc.py": head})
    real, (mended, *_) = by_tests, ("test_calc.py::test_0",)

    def judge(workshop: Workshop, candidate: Candidate, names: Sequence[str], lines: Sequence[int]) -> Judgement:
        return real(workshop, candidate, names, lines) if mended in names and len(names) < 9 else refused("not by this")

    monkeypatch.setattr("reviewer.verify.culprit.by_tests", judge)
    monkeypatch.setattr("reviewer.verify.culprit.MAX_TRIES", most)
    found = find(case)
    assert len({f.location for f in found}) == 1
    assert [f.suggestion is not None for f in found] == [True, False]


def test_all_of_all_files_is_tried_however_much_was_tried_before(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.verify.culprit.MAX_TRIES", 1)
    used = CALC.replace("amount * rate", "amount * rate * FACTOR").replace(
        "def price", "from factor import FACTOR\n\n\ndef price"
    )
    base = {"calc.py": used, "factor.py": "FACTOR = 1\nNAME = 'x'\n", "test_calc.py": TESTS}
    halved = used.replace("* FACTOR", "* FACTOR['all']").replace("round(total, 2)", "round(total, 3)")
    case = make(base, {"calc.py": halved, "factor.py": "FACTOR = {'all': 2}\nNAME = 'y'\n"})
    (found,) = find(case)
    assert found.suggestion is not None
    assert found.suggestion.description == "take the change to 2 files back"
    assert "factor.py" in found.suggestion.patch
