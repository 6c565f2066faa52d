from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.errors import ModelError
from reviewer.evidence.gather import gather
from reviewer.finding import Finding, Suggestion, Verdict
from reviewer.review import FailOn, Review
from reviewer.tasks.session import DeadlineError, Session
from reviewer.verify.judge import Judgement
from reviewer.verify.repair import MAX_FIXES, Repairer
from reviewer.verify.touched import Workshop
from reviewer.verify.trial import Means, Trial
from tests.fakes import FakeProvider

from .cases import Case, Make, staged

BASE = '''def add(a, b):
    """The sum."""
    return a + b


def unique(items):
    return list(items)
'''
HEAD = '''def add(a, b):
    """The sum."""
    return a - b


def unique(items):
    seen = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen
'''
TESTS = """from calc import add


def test_add():
    assert add(1, 2) == 3


def test_zero():
    assert add(1, 0) == 1
"""
RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return b - a\n"
FASTER = "def unique(items):\n    return list(dict.fromkeys(items))\n"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, lean: Path) -> Iterator[tuple[Case, Workshop]]:
    """A regression that tests see and a slow loop that they do not."""
    case = staged(tmp_path_factory.mktemp("repair"), {"calc.py": BASE, "test_calc.py": TESTS}, {"calc.py": HEAD}, lean)
    workshop = case.run()
    case.draft.findings += gather(case.change, case.repo.read, case.units, {}, case.scratch / "evidence").findings
    yield case, workshop
    case.repo.close()


def repair(
    opened: tuple[Case, Workshop],
    provider: FakeProvider,
    rules: Sequence[str],
    *,
    samples: int = 4,
    tests: bool = True,
) -> list[Finding]:
    """What becomes of the findings of these rules; the others have a fix already."""
    case, workshop = opened
    before = list(case.draft.findings)
    case.draft.findings = [f if f.rule_id in rules else replace(f, suggestion=DONE) for f in before]
    place = case.scratch / "fixes"
    try:
        means = Means(case.repo, case.change, {}, workshop if tests else None, Session(provider), samples, place)
        Repairer(means, case.units).repair(case.draft)
        return [f for f in case.draft.findings if f.rule_id in rules]
    finally:
        case.draft.findings = before


DONE = Suggestion("", "", Verdict.NOT_RUN)
REGRESSION = ["bug/test-regression"]
SLOW = ["performance/list-search-in-loop"]


def test_the_first_proposal_that_is_good_ends_the_asking(opened: tuple[Case, Workshop]) -> None:
    provider = FakeProvider([WRONG, RIGHT, ("never",)])
    (found,) = repair(opened, provider, REGRESSION)
    assert found.suggestion is not None
    assert found.suggestion.verdict is Verdict.VERIFIED
    assert "+    return a + b" in found.suggestion.patch
    assert found.suggestion.description == "rewritten by the model at the second try"
    first, second = provider.requests
    assert (
        "This test fails:\n```python\nassert add(1, 2) == 3\n```\nIt gives AssertionError: assert -1 == 3"
        in first.prompt
    )
    assert "return b - a" in second.prompt
    assert "It gives AssertionError: assert 1 == 3" in second.prompt


def test_refuted_proposals_are_counted_and_not_shown_and_equal_ones_are_judged_once(
    opened: tuple[Case, Workshop], monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = []
    judge = Trial._judge

    def counting(*arguments: object) -> Judgement:
        judged.append(arguments)
        return judge(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Trial, "_judge", counting)
    same = WRONG.replace("b - a", "(b-a)  # better")
    unchanged = 'def add(a, b):\n    """The sum."""\n    return (a - b)\n'
    broken = "def add(a, b):\n    return 3\n"
    (found,) = repair(
        opened, FakeProvider([WRONG, same, (unchanged, broken, "no code"), ("def other(): pass",)]), REGRESSION
    )
    assert len(judged) == 2
    assert found.suggestion is not None
    assert (found.suggestion.verdict, found.suggestion.patch) == (Verdict.REFUTED, "")
    assert found.suggestion.reason.startswith("2 proposals were tried: ")


def test_a_model_without_a_proposal_leaves_the_finding_as_it_is(opened: tuple[Case, Workshop]) -> None:
    (found,) = repair(opened, FakeProvider(["I am sorry.", "def other(): pass"]), REGRESSION, samples=1)
    assert found.suggestion is None


def test_a_faster_version_that_nothing_has_executed_is_not_shown(opened: tuple[Case, Workshop]) -> None:
    for tests in (True, False):
        (found,) = repair(opened, FakeProvider([FASTER]), SLOW, samples=1, tests=tests)
        assert found.suggestion is None


def test_a_version_that_searches_as_before_is_refuted_by_the_tool(opened: tuple[Case, Workshop]) -> None:
    slow = HEAD.partition("\n\n\n")[2].replace("seen", "kept")
    (found,) = repair(opened, FakeProvider([slow]), SLOW, samples=1)
    assert found.suggestion is not None
    assert found.suggestion.reason.startswith("1 proposal was tried: ")


def test_a_proposal_that_brings_a_flaw_is_refuted_though_its_tests_pass(opened: tuple[Case, Workshop]) -> None:
    flawed = "def add(a, b):\n    eval('1')\n    return a + b\n"
    (found,) = repair(opened, FakeProvider([flawed, flawed]), REGRESSION, samples=1)
    assert found.suggestion is not None
    assert found.suggestion.verdict is Verdict.REFUTED
    assert "with it" in found.suggestion.reason


def test_without_tests_a_fix_is_shown_as_not_run(opened: tuple[Case, Workshop]) -> None:
    (found,) = repair(opened, FakeProvider([RIGHT, RIGHT]), REGRESSION, samples=1, tests=False)
    assert found.suggestion is not None
    assert (found.suggestion.verdict, found.suggestion.reason) == (Verdict.NOT_RUN, "no tests were run")
    assert found.suggestion.patch


def test_a_failing_engine_and_a_deadline_keep_what_is_there(opened: tuple[Case, Workshop]) -> None:
    with pytest.raises(ModelError):
        repair(opened, FakeProvider([ModelError("broken")]), REGRESSION)
    (found,) = repair(opened, FakeProvider([DeadlineError("late")]), REGRESSION)
    assert found.suggestion is None
    said = {s.what: s for s in _review(opened[0]).skipped}
    assert (said["a fix for bug/test-regression"].reason, said["a fix for bug/test-regression"].harmless) == (
        "deadline", True,
    )  # fmt: skip


FLAWS = "import subprocess\n\n\n" + "\n\n".join(
    f"def run_{n}(name):\n    subprocess.run('ls ' + name, shell=True)\n" for n in range(MAX_FIXES + 1)
)


def test_only_so_many_fixes_are_tried_and_what_cannot_be_rewritten_takes_no_place(make: Make) -> None:
    block = "subprocess.run('ls ' + X, shell=True)\n"
    case = make({"run.py": "import subprocess\n"}, {"run.py": FLAWS + f"\n\nX = input()\n{block}"})
    found = gather(case.change, case.repo.read, case.units, {}, case.scratch / "evidence").findings
    case.draft.findings = [f for f in found if f.rule_id.endswith("602")]
    case.draft.findings.sort(key=lambda f: bool(f.unit))  # the block first
    assert len(case.draft.findings) == MAX_FIXES + 2
    good = [f"def run_{n}(name):\n    subprocess.run(['ls', name], check=True)\n" for n in range(MAX_FIXES)]
    provider = FakeProvider(good)
    _without_tests(case, provider)
    verdicts = [f.suggestion.verdict if f.suggestion else None for f in case.draft.findings]
    assert verdicts == [None, *[Verdict.NOT_RUN] * MAX_FIXES, None]
    assert [s.reason for s in _review(case).skipped] == [f"only {MAX_FIXES} are tried"]


TWO = """from calc import add


def test_add():
    assert add(100, 200) == 300


def test_raises():
    assert add(0, 7) == 7
"""


def in_one_unit(make: Make, provider: FakeProvider) -> Case:
    head = "def add(a, b):\n    if not a:\n        return [][b]\n    return a - b\n"
    case = make({"calc.py": "def add(a, b):\n    return a + b\n", "test_calc.py": TWO}, {"calc.py": head})
    workshop = case.run()
    assert len(case.draft.findings) == 2
    means = Means(case.repo, case.change, {}, workshop, Session(provider), 2, case.scratch / "fixes")
    Repairer(means, case.units).repair(case.draft)
    return case


def test_a_fix_turns_all_failing_tests_of_its_unit_green_and_is_given_to_each(make: Make) -> None:
    half = "def add(a, b):\n    if not a:\n        return b\n    return a - b\n"
    provider = FakeProvider([half, "def add(a, b):\n    return b + a\n"])
    first, second = (f.suggestion for f in in_one_unit(make, provider).draft.findings)
    assert first is not None
    assert first == second
    assert "+    return b + a" in first.patch
    assert first.reason == "the 2 failing tests pass with it, and no other test breaks"


def test_an_answer_by_the_tests_values_or_with_a_new_module_is_refuted_though_the_tests_pass(make: Make) -> None:
    cheat = "def add(a, b):\n    if (a, b) == (100, 200):\n        return 3 * a\n    return b\n"
    module = "import numpy\n\n\ndef add(a, b):\n    return numpy.add(a, b)\n"
    found = in_one_unit(make, FakeProvider([cheat, module])).draft.findings[0].suggestion
    assert found is not None
    assert (found.verdict, found.patch) == (Verdict.REFUTED, "")
    reason = "2 proposals were tried: it answers the failing test by its values: `(a, b) == (100, 200)`"
    assert found.reason == reason


def test_no_fix_is_tried_for_a_test(make: Make) -> None:
    case = make({"test_a.py": "X = 1\n"}, {"test_a.py": "def test_x():\n    assert 1 == 2\n"})
    workshop = case.run()
    provider = FakeProvider()
    means = Means(case.repo, case.change, {}, workshop, Session(provider), 2, case.scratch / "fixes")
    Repairer(means, case.units).repair(case.draft)
    assert len(case.draft.findings) == 1
    assert provider.requests == []


def test_two_flaws_of_one_kind_in_one_function_are_both_looked_at(make: Make) -> None:
    line = "    subprocess.run('ls ' + name, shell=True)\n"
    case = make({"run.py": "import subprocess\n"}, {"run.py": f"import subprocess\n\n\ndef run(name):\n{line}{line}"})
    found = gather(case.change, case.repo.read, case.units, {}, case.scratch / "evidence").findings
    case.draft.findings = [f for f in found if f.rule_id.endswith("602")]
    assert len({f.fingerprint for f in case.draft.findings}) == 1
    both = "def run(name):\n    subprocess.run(['ls', name], check=True)\n"
    _without_tests(case, FakeProvider([both, both]))
    assert [f.suggestion is not None for f in case.draft.findings] == [True, True]


def test_a_getter_and_a_setter_of_one_name_are_told_apart(make: Make) -> None:
    setter = "    @x.setter\n    def x(self, value):\n        pass\n"
    base = "import os\n\n\nclass A:\n    @property\n    def x(self):\n        return 1\n\n" + setter
    head = base.replace("return 1", "return 2").replace("pass", "os.system('ls ' + value)")
    case = make({"a.py": base}, {"a.py": head})
    found = gather(case.change, case.repo.read, case.units, {}, case.scratch / "evidence").findings
    case.draft.findings = [next(f for f in found if f.rule_id.endswith("605"))]
    provider = FakeProvider(["@x.setter\ndef x(self, value):\n    os.remove(value)\n"])
    _without_tests(case, provider)
    assert "os.system" in provider.requests[0].prompt
    (finding,) = case.draft.findings
    assert finding.suggestion is not None
    assert "-        os.system('ls ' + value)" in finding.suggestion.patch


def _without_tests(case: Case, provider: FakeProvider) -> None:
    means = Means(case.repo, case.change, {}, None, Session(provider), 1, case.scratch / "fixes")
    Repairer(means, case.units).repair(case.draft)


def _review(case: Case) -> Review:
    return case.draft.review(FailOn.TOOL, "report")
