from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.evidence.gather import gather
from reviewer.finding import Counts, Finding, Proof, Verdict
from reviewer.review import CommandRun
from reviewer.sandbox.none import Reduced
from reviewer.verify.compare import Comparison
from reviewer.verify.interpreter import Interpreter
from reviewer.verify.judge import by_tests, by_tools, parses, whole_files_first
from reviewer.verify.outcome import TestRun
from reviewer.verify.patch import Candidate
from reviewer.verify.runner import Bench, run_tests
from reviewer.verify.touched import Workshop

from .cases import Make
from .conftest import make_bench

BROKEN = "def add(a, b):\n    return a - b\n\n\ndef unused():\n    return 1\n"
GOOD = BROKEN.replace("-", "+")
TESTS = """from calc import add


def test_add():
    assert add(1, 2) == 3


def test_zero():
    assert add(1, 0) == 1
"""
ADD, ZERO = "test_calc.py::test_add", "test_calc.py::test_zero"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory, interpreter: Interpreter) -> Iterator[Workshop]:
    """A head with a red and a green test; what changes it puts it back."""
    folder = tmp_path_factory.mktemp("judge")
    yield opened(folder, interpreter, {"calc.py": BROKEN, "test_calc.py": TESTS})
    assert (folder / "head" / "calc.py").read_text() == BROKEN


def opened(folder: Path, interpreter: Interpreter, files: dict[str, str]) -> Workshop:
    head = folder / "head"
    head.mkdir()
    for path, text in files.items():
        (head / path).write_text(text)
    bench = make_bench(Reduced(), interpreter, folder)
    targets = tuple(path for path in files if path.startswith("test_"))
    return Workshop(bench, head, targets, Comparison(run_tests(bench, head, targets, timeout=60)), {}, 60)


def test_a_fix_with_which_the_reproducer_passes_is_verified(workshop: Workshop) -> None:
    judgement = by_tests(workshop, Candidate("calc.py", GOOD, ""), [ADD], ())
    assert judgement.verdict is Verdict.VERIFIED
    assert (judgement.before, judgement.after) == (Counts(1, 1), Counts(2, 0))
    assert judgement.reason == "the failing test passes with it, and no other test breaks"


def test_a_fix_with_which_the_reproducer_still_fails_is_refuted(workshop: Workshop) -> None:
    judgement = by_tests(workshop, Candidate("calc.py", BROKEN.replace("a - b", "a * b"), ""), [ADD], ())
    assert (judgement.verdict, judgement.after) == (Verdict.REFUTED, None)
    assert "still fails" in judgement.reason


def test_a_fix_that_breaks_another_test_is_refuted_by_its_name(workshop: Workshop) -> None:
    judgement = by_tests(workshop, Candidate("calc.py", BROKEN.replace("a - b", "3"), ""), [ADD], ())
    assert judgement.verdict is Verdict.REFUTED
    assert judgement.reason == f"with it {ZERO} no longer passes"


def test_a_test_that_fails_under_another_hash_seed_without_the_fix_is_not_held_against_it(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    told = "assert os.environ['PYTHONHASHSEED'] != '2'"
    shaky = "import os\n\nfrom calc import unused\n\n\ndef test_order():\n    " + told + " {}\n"
    files = {"calc.py": BROKEN, "test_calc.py": TESTS, "test_shaky.py": shaky.format("")}
    (tmp_path / "one").mkdir()
    shop = opened(tmp_path / "one", interpreter, files)
    assert by_tests(shop, Candidate("calc.py", GOOD, ""), [ADD], ()).verdict is Verdict.VERIFIED
    (tmp_path / "two").mkdir()
    shop = opened(tmp_path / "two", interpreter, {**files, "test_shaky.py": shaky.format("or unused() == 1")})
    spoilt = Candidate("calc.py", GOOD.replace("return 1", "return 2"), "")
    assert by_tests(shop, spoilt, [ADD], ()).reason == "with it test_shaky.py::test_order no longer passes"


def test_a_fix_that_cannot_be_imported_is_refuted(workshop: Workshop) -> None:
    assert by_tests(workshop, Candidate("calc.py", "import nowhere\n", ""), [], [1]).verdict is Verdict.REFUTED


def test_green_tests_that_run_the_new_lines_let_it_pass_and_are_counted(workshop: Workshop) -> None:
    judgement = by_tests(workshop, Candidate("calc.py", BROKEN.replace("a - b", "a + -b"), ""), [], [2])
    assert judgement.verdict is Verdict.PASSES
    assert judgement.reason == "1 test that runs this code passes"  # the other runs it too, and is red


def test_lines_that_no_test_runs_are_not_run(workshop: Workshop) -> None:
    judgement = by_tests(workshop, Candidate("calc.py", BROKEN.replace("return 1", "return 2"), ""), [], [6])
    assert (judgement.verdict, judgement.reason) == (Verdict.NOT_RUN, "no test runs this code")


def test_a_flaky_test_is_ignored(workshop: Workshop) -> None:
    comparison = replace(workshop.comparison, flaky=(ZERO,))
    judgement = by_tests(
        replace(workshop, comparison=comparison), Candidate("calc.py", BROKEN.replace("a - b", "3"), ""), [ADD], ()
    )
    assert judgement.verdict is Verdict.VERIFIED


def test_the_snapshot_is_the_same_after_a_run_that_raises(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> TestRun:
        assert (workshop.head / "calc.py").read_text() == GOOD
        raise KeyboardInterrupt

    before = (workshop.head / "calc.py").read_bytes()
    monkeypatch.setattr("reviewer.verify.judge.run_tests", broken)
    with pytest.raises(KeyboardInterrupt):
        by_tests(workshop, Candidate("calc.py", GOOD, ""), [ADD], ())
    assert (workshop.head / "calc.py").read_bytes() == before


def test_a_fix_that_takes_a_passing_test_away_or_skips_it_is_refuted(workshop: Workshop) -> None:
    for text in (
        GOOD + "import pytest\npytest.skip(allow_module_level=True)\n",
        "def add(a, b):\n    if not b:\n        import pytest\n        pytest.skip()\n    return a + b\n",
    ):
        judgement = by_tests(workshop, Candidate("calc.py", text, ""), [ADD], ())
        assert judgement.verdict is Verdict.REFUTED


def test_a_file_that_is_loaded_again_is_verified_and_what_the_base_failed_is_excused(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    tests = TESTS + "\n\ndef test_old_sin():\n    assert add(1, 1) == 3\n"
    workshop = opened(tmp_path, interpreter, {"calc.py": "import nowhere\n", "test_calc.py": tests})
    (failure,) = workshop.comparison.head.red
    assert failure.node_id == "test_calc.py"
    candidate = Candidate("calc.py", GOOD, "")
    refuted = by_tests(workshop, candidate, ["test_calc.py"], ())
    assert refuted.verdict is Verdict.REFUTED
    (workshop.head / "calc.py").write_text(GOOD)
    base = run_tests(workshop.bench, workshop.head, workshop.targets, timeout=60)
    (workshop.head / "calc.py").write_text("import nowhere\n")
    with_base = replace(workshop, comparison=replace(workshop.comparison, base=base))
    assert by_tests(with_base, candidate, ["test_calc.py"], ()).verdict is Verdict.VERIFIED


def test_a_run_that_can_start_again_is_verified(tmp_path: Path, interpreter: Interpreter) -> None:
    workshop = opened(tmp_path, interpreter, {"conftest.py": "import nowhere\n", "test_a.py": "def test_a(): pass\n"})
    assert [o.node_id for o in workshop.comparison.head.red] == [""]
    assert by_tests(workshop, Candidate("conftest.py", "X = 1\n", ""), [""], ()).verdict is Verdict.VERIFIED


def test_whole_files_are_run_without_their_single_tests() -> None:
    assert whole_files_first(["a.py::x", "b.py", "b.py::y", "a.py::x"]) == ("a.py::x", "b.py")


SHELL = "import subprocess\n\n\ndef run(name):\n    subprocess.run('ls ' + name, shell=True)\n"
LIST = "import subprocess\n\n\ndef run(name):\n    subprocess.run(['ls', name], check=True)\n"
OLD = "import subprocess\n\n\ndef run(name):\n    return name\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LIST, ""),
        (SHELL.replace("'ls '", "'ls  '"), "still reports"),
        (LIST.replace("check=True)", "check=True)\n    eval(name)"), "with it"),
        (LIST.replace("check=True)", "check=True)\n    return nowhere"), "ruff/F821"),
        (LIST.replace("check=True)", "check=True)  # noqa: S603"), "suppression"),
    ],
)
def test_the_tools_must_be_silent_on_the_target_and_hear_nothing_new(make: Make, text: str, said: str) -> None:
    case = make({"run.py": OLD}, {"run.py": SHELL})
    findings = gather(case.change, case.repo.read, case.units, {}, case.scratch / "before").findings
    target = _security(findings)
    objection = by_tools(
        case.repo, case.change, {}, findings, target, Candidate("run.py", text, ""), case.scratch / "x"
    )
    assert said in objection if said else objection == ""


def test_the_project_s_configuration_counts_for_a_candidate_too(make: Make) -> None:
    configs = {"pyproject.toml": "[tool.ruff.lint]\nignore = ['B006']\n"}
    case = make({"run.py": OLD}, {"run.py": SHELL})
    findings = gather(case.change, case.repo.read, case.units, configs, case.scratch / "before").findings
    text = LIST.replace("def run(name)", "def run(name, seen=[])")
    said = [
        by_tools(
            case.repo, case.change, c, findings, _security(findings), Candidate("run.py", text, ""), case.scratch / n
        )
        for n, c in (("with", configs), ("without", {}))
    ]
    assert said[0] == ""
    assert "B006" in said[1]


def test_an_unused_name_refutes_no_fix(make: Make) -> None:
    case = make({"run.py": OLD}, {"run.py": SHELL})
    findings = gather(case.change, case.repo.read, case.units, {}, case.scratch / "before").findings
    candidate = Candidate("run.py", LIST.replace("    subprocess", "    done = subprocess"), "")
    assert by_tools(case.repo, case.change, {}, findings, _security(findings), candidate, case.scratch / "x") == ""


def _security(findings: tuple[Finding, ...]) -> Finding:
    (found,) = [f for f in findings if f.proof is Proof.TOOL and f.rule_id.endswith(("B602", "S602"))]
    return found


@pytest.mark.parametrize(("text", "fine"), [("x = 1\n", True), ("x = \n", False), ("\0", False), ("(" * 500, False)])
def test_what_does_not_parse_is_told(text: str, fine: bool) -> None:
    assert parses(text) is fine


def test_a_run_with_a_fix_has_some_times_the_time_of_the_tests_and_no_more_than_is_left(bench: Bench) -> None:
    quick = TestRun(command=CommandRun(("pytest",), 1, 2.0))
    hung = TestRun(command=CommandRun(("pytest",), None, 60.0), timed_out=True)
    now = time.monotonic()
    assert Workshop(bench, Path(), (), Comparison(quick), {}, 120).limit == 18
    assert Workshop(bench, Path(), (), Comparison(quick), {}, 5).limit == 5
    assert Workshop(bench, Path(), (), Comparison(hung), {}, 120).limit == 120
    assert Workshop(bench, Path(), (), Comparison(hung, quick), {}, 120).limit == 18
    assert Workshop(bench, Path(), (), Comparison(quick), {}, 120, now + 3).limit <= 3
    assert Workshop(bench, Path(), (), Comparison(quick), {}, 120, now - 3).limit == 1
