from __future__ import annotations

from dataclasses import replace

from reviewer.finding import Suggestion, Verdict
from reviewer.verify.applied import new_texts
from reviewer.verify.culprit import find_culprits
from reviewer.verify.joint import join_fixes
from reviewer.verify.touched import Workshop

from .cases import Case, Make

BASE = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
HEAD = BASE.replace("a + b", "a * b").replace("a - b", "[][a]")
TESTS = """from calc import add, sub


def test_add():
    assert add(1, 2) == 3


def test_sub():
    assert sub(2, 1) == 1
"""


def joined(case: Case) -> Workshop:
    workshop = find_culprits(case.repo, case.change, case.units, case.run(), case.draft)
    join_fixes(case.repo, case.change, workshop, case.draft)
    return workshop


def test_two_findings_get_the_one_fix_that_turns_both_tests_green(make: Make) -> None:
    case = make({"calc.py": BASE, "test_calc.py": TESTS}, {"calc.py": HEAD})
    joined(case)
    one, other = case.draft.findings
    assert (one.location.start_line, other.location.start_line) == (2, 6)
    assert one.suggestion is not None
    assert one.suggestion == other.suggestion
    assert one.suggestion.verdict is Verdict.VERIFIED
    assert one.suggestion.reason == "the 2 failing tests pass with it, and no other test breaks"
    assert new_texts(one.suggestion.patch, case.text) == {"calc.py": BASE}


def test_the_fixes_of_two_files_are_joined(make: Make) -> None:
    base = {"one.py": "X = 1\n", "two.py": "Y = 2\n"}
    tests = "import one, two\n\n\ndef test_x():\n    assert one.X == 1\n\n\ndef test_y():\n    assert two.Y in [2]\n"
    case = make({**base, "test_all.py": tests}, {"one.py": "X = 3\n", "two.py": "Y = 4\n"})
    joined(case)
    fixes = {f.suggestion.patch for f in case.draft.findings if f.suggestion}
    assert [new_texts(patch, case.text) for patch in fixes] == [base]


def test_a_fix_that_leaves_another_test_red_says_so(make: Make) -> None:
    new = TESTS + "\n\ndef test_new():\n    assert add(0, 0) == 1\n"
    case = make(
        {"calc.py": BASE, "test_calc.py": TESTS}, {"calc.py": HEAD.replace("[][a]", "a - b"), "test_calc.py": new}
    )
    joined(case)
    reasons = [f.suggestion.reason for f in case.draft.findings if f.suggestion]
    assert reasons == [
        "the failing test passes with it, and no other test breaks; another finding's test is not mended by it"
    ]


def test_fixes_that_break_each_other_stay_apart(make: Make) -> None:
    case = make({"calc.py": BASE, "test_calc.py": TESTS}, {"calc.py": HEAD})
    workshop = find_culprits(case.repo, case.change, case.units, case.run(), case.draft)
    own = [f.suggestion for f in case.draft.findings]
    assert own[0] is not None
    wrong = replace(own[0], patch=own[0].patch.replace("+    return a + b", "+    return 3"))
    case.draft.findings[0] = replace(case.draft.findings[0], suggestion=wrong)
    broken = own[1]
    assert broken is not None
    broken = replace(broken, patch=broken.patch.replace("+    return a - b", "+    return add(a, b)"))
    case.draft.findings[1] = replace(case.draft.findings[1], suggestion=broken)
    join_fixes(case.repo, case.change, workshop, case.draft)
    kept = [f.suggestion for f in case.draft.findings]
    assert [s.patch for s in kept if s] == [wrong.patch, broken.patch]
    assert all(s.reason.endswith("; another finding's test is not mended by it") for s in kept if s)


def test_what_is_not_verified_or_not_a_patch_is_left_alone(make: Make) -> None:
    case = make({"calc.py": BASE, "test_calc.py": TESTS}, {"calc.py": HEAD})
    workshop = find_culprits(case.repo, case.change, case.units, case.run(), case.draft)
    odd = Suggestion("not a patch", "odd", Verdict.VERIFIED)
    refuted = Suggestion("", "bad", Verdict.REFUTED, "no")
    case.draft.findings = [replace(f, suggestion=s) for f, s in zip(case.draft.findings, (odd, refuted), strict=True)]
    join_fixes(case.repo, case.change, workshop, case.draft)
    assert [f.suggestion.patch for f in case.draft.findings if f.suggestion] == ["not a patch", ""]
