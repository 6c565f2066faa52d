from __future__ import annotations

import dataclasses

import pytest
from casekit import Facts, Target
from claims import Claim, Report
from judge import function_spans, hits_target, judge, lines_on_base

PATH = "shop.py"
BASE = """\
import math


def total(prices):
    # every price counts
    result = 0
    for price in prices:
        result += price
    return result


def untouched():
    one = 1
    two = 2
    three = 3
    four = 4
    five = 5
    six = 6
    seven = 7
    eight = 8
    nine = 9
    ten = 10
    eleven = 11
    return one + two
"""
HEAD = BASE.replace("import math\n", "import math\nimport os\n").replace("result += price", "result -= price")
BAD_LINE = HEAD.splitlines().index("        result -= price") + 1
TEXTS = {("base", PATH): BASE, ("head", PATH): HEAD}
FACTS = Facts(
    id="case",
    suite="quixbugs",
    tier="A",
    mode="blind",
    repo="owner/name",
    python="python",
    source_files=(PATH,),
    expected=(Target(PATH, (BAD_LINE,), ("total",)),),
    category="bug",
    cwe=None,
    clean=False,
    failing_tests=(),
    visible_tests=(),
    pythonpath=(".",),
    gradable=True,
    licence="MIT",
)
BY_LINE_ONLY = dataclasses.replace(FACTS, expected=(Target(PATH, (BAD_LINE,), ()),))
CLEAN = dataclasses.replace(FACTS, expected=(), clean=True, mode="control")
ORACLE = Claim(PATH, BAD_LINE, BAD_LINE, "head", "bug", "reproduced", blocking=True, patch="diff", verdict="verified")


def at(start: int, end: int | None = None, **changes: object) -> Claim:
    return dataclasses.replace(ORACLE, start=start, end=end or start, **changes)  # type: ignore[arg-type]


def test_a_perfect_oracle_gets_everything() -> None:
    judged = judge(Report((ORACLE,), complete=True), FACTS, TEXTS, 1)
    assert dataclasses.astuple(judged) == (True, True, 1, 1, 1, True, True, True, False, False)


def test_a_silent_tool_gets_nothing() -> None:
    judged = judge(Report((), complete=True), FACTS, TEXTS, 0)
    assert dataclasses.astuple(judged) == (False, False, 0, 0, 0, False, False, False, False, False)


@pytest.mark.parametrize(("offset", "hit"), [(-4, False), (-3, True), (0, True), (3, True), (4, False)])
def test_a_finding_may_be_three_lines_off_and_not_four(offset: int, hit: bool) -> None:
    assert hits_target(at(BAD_LINE + offset), BY_LINE_ONLY, TEXTS) is hit


@pytest.mark.parametrize(("start", "hit"), [(2, False), (3, True), (10, True)])
def test_a_range_counts_for_ten_lines(start: int, hit: bool) -> None:
    facts = dataclasses.replace(FACTS, expected=(Target(PATH, (15,), ()),))
    assert hits_target(at(start, 1000), facts, TEXTS) is hit


def test_the_right_function_is_a_hit_but_not_a_strict_one() -> None:
    facts = dataclasses.replace(FACTS, expected=(Target(PATH, (BAD_LINE,), ("untouched",)),))
    far = at(HEAD.splitlines().index("    eleven = 11") + 1)
    judged = judge(Report((far,), complete=True), facts, TEXTS, 0)
    assert (judged.hit, judged.strict) == (True, False)


def test_another_function_is_no_hit() -> None:
    assert not hits_target(at(HEAD.splitlines().index("    eleven = 11") + 1), FACTS, TEXTS)


def test_the_category_must_match() -> None:
    assert not hits_target(at(BAD_LINE, category="security"), FACTS, TEXTS)
    assert hits_target(at(BAD_LINE, category="security"), dataclasses.replace(FACTS, category="security"), TEXTS)


def test_a_remark_of_no_stated_kind_counts_as_either() -> None:
    assert hits_target(at(BAD_LINE, category="unsorted"), FACTS, TEXTS)
    judged = judge(Report((at(1, category="unsorted"),), complete=True), FACTS, TEXTS, 0)
    assert (judged.counted, judged.hits) == (1, 0)


@pytest.mark.parametrize(
    ("named", "cwe", "group"),
    [((78,), True, True), ((77,), True, True), ((89,), False, True), ((327,), False, False), ((), False, False)],
)
def test_the_named_weakness_is_held_against_the_cases_own(named: tuple[int, ...], cwe: bool, group: bool) -> None:
    facts = dataclasses.replace(FACTS, category="security", cwe="CWE-78")
    judged = judge(Report((at(BAD_LINE, cwes=named),), complete=True), facts, TEXTS, 0)
    assert (judged.cwe, judged.group) == (cwe, group)


def test_the_right_weakness_counts_as_a_bug_too_but_not_elsewhere() -> None:
    facts = dataclasses.replace(FACTS, category="security", cwe="CWE-835")
    assert judge(Report((at(BAD_LINE, cwes=(835,)),), complete=True), facts, TEXTS, 0).group
    assert not judge(Report((at(BAD_LINE, path="other.py", cwes=(835,)),), complete=True), facts, TEXTS, 0).group


def test_where_the_weakness_went_out_naming_its_group_is_a_false_alarm() -> None:
    facts = dataclasses.replace(CLEAN, category="security", cwe="CWE-78")
    assert judge(Report((at(1, cwes=(94,)),), complete=True), facts, TEXTS, 0).group
    assert not judge(Report((at(1, cwes=(327,)),), complete=True), facts, TEXTS, 0).group


def test_the_file_must_match() -> None:
    assert not hits_target(at(BAD_LINE, path="other.py"), FACTS, TEXTS)


def test_a_finding_on_the_base_is_held_against_the_lines_there() -> None:
    bad_on_base = BASE.splitlines().index("        result += price") + 1
    assert lines_on_base(BASE, HEAD, (BAD_LINE,)) == {bad_on_base}
    assert hits_target(at(bad_on_base - 3, side="base"), BY_LINE_ONLY, TEXTS)
    assert not hits_target(at(bad_on_base + 4, side="base"), BY_LINE_ONLY, TEXTS)


def test_a_finding_on_the_base_is_held_against_the_functions_there() -> None:
    moved = {("base", PATH): BASE, ("head", PATH): "\n" * 40 + HEAD}
    facts = dataclasses.replace(FACTS, expected=(Target(PATH, (), ("untouched",)),))
    line = BASE.splitlines().index("    eleven = 11") + 1
    assert hits_target(at(line, side="base"), facts, moved)
    assert not hits_target(at(line), facts, moved)


def test_deleted_lines_count_on_the_base_for_their_neighbour() -> None:
    base = "".join(f"line{n}\n" for n in range(1, 21))
    head = base.replace("line9\nline10\n", "")
    assert lines_on_base(base, head, (8,)) == {8, 9, 10}


def test_a_new_file_has_no_lines_on_the_base() -> None:
    assert lines_on_base("", HEAD, (BAD_LINE,)) == frozenset()


def test_any_line_of_a_file_without_labels_counts() -> None:
    facts = dataclasses.replace(FACTS, expected=(Target(PATH, (), (), any_line=True),))
    judged = judge(Report((at(1),), complete=True), facts, TEXTS, 0)
    assert (judged.hit, judged.strict) == (True, True)


def test_precision_counts_bug_and_security_findings_alone() -> None:
    claims = (ORACLE, at(20, category="security"), at(20, category="style"), at(20, category="performance"))
    judged = judge(Report(claims, complete=True), FACTS, TEXTS, 1)
    assert (judged.hits, judged.counted, judged.shown) == (1, 2, 4)


@pytest.mark.parametrize(("blocking", "code"), [(True, 0), (False, 1)])
def test_a_blocking_finding_or_exit_code_one_blocks(blocking: bool, code: int) -> None:
    report = Report((at(1, blocking=blocking),), complete=True)
    assert judge(report, FACTS, TEXTS, code).blocked
    assert not judge(Report((at(1, blocking=False),), complete=True), FACTS, TEXTS, 3).blocked


def test_a_proof_counts_on_a_defect_only_where_it_hits_and_on_a_clean_change_always() -> None:
    elsewhere = Report((at(20, proof="reproduced"), at(BAD_LINE, proof="model")), complete=True)
    assert not judge(elsewhere, FACTS, TEXTS, 0).reproduced
    assert judge(elsewhere, CLEAN, TEXTS, 0).reproduced


def test_nothing_hits_on_a_clean_change() -> None:
    judged = judge(Report((ORACLE,), complete=True), CLEAN, TEXTS, 1)
    assert (judged.hit, judged.hits, judged.blocked) == (False, 0, True)


def test_function_spans_are_qualified_and_begin_at_the_decorator() -> None:
    source = "class A:\n    @staticmethod\n    def b():\n        def c():\n            pass\n"
    assert function_spans(source) == (("A.b", range(2, 6)), ("A.b.c", range(4, 6)))


def test_source_that_does_not_parse_has_no_functions() -> None:
    assert function_spans("def (") == ()
