from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.finding import Counts
from reviewer.verify.outcome import Frame, TestRun
from reviewer.verify.runner import Bench, run_tests

from .conftest import Write

ADD = "def add(a, b):\n    if a:\n        return a - b\n    return b\n"
ALL_OUTCOMES = """
import warnings
import pytest
from calc import add

@pytest.fixture
def broken():
    raise KeyError("k")

@pytest.fixture
def broken_later():
    yield
    raise OSError("late")

@pytest.mark.parametrize("a", [0, 1])
def test_add(a):
    assert add(a, 2) == a + 2

def test_setup(broken): pass
def test_teardown(broken_later): pass
def test_skipped(): pytest.skip("not here")

@pytest.mark.xfail
def test_expected(): assert 0

@pytest.mark.xfail
def test_unexpected(): pass

@pytest.mark.xfail(strict=True)
def test_strict(): pass

def test_caused():
    try:
        int("x")
    except ValueError as error:
        raise RuntimeError("wrapped") from error

class TestGroup:
    def test_method(self, tmp_path): (tmp_path / "x").write_text("x")
"""


def go(bench: Bench, snapshot: Path, *targets: str, timeout: float = 60, changed: tuple[str, ...] = ()) -> TestRun:
    return run_tests(bench, snapshot, targets, timeout=timeout, changed=changed)


def test_every_outcome_is_told_apart_and_described(bench: Bench, write: Write) -> None:
    head = write(
        "head", {"calc.py": ADD, "test_calc.py": ALL_OUTCOMES, "test_broken.py": "import calc\nimport none_such\n"}
    )
    trace = {"calc.py": {1, 2, 3}}
    run = run_tests(bench, head, ["test_calc.py", "test_broken.py", "test_gone.py"], timeout=60, trace=trace)
    assert {n.partition("::")[2]: o.outcome for n, o in run.outcomes.items()} == {
        "test_add[0]": "passed",
        "test_add[1]": "failed",
        "test_setup": "error",
        "test_teardown": "error",
        "test_skipped": "skipped",
        "test_expected": "xfailed",
        "test_unexpected": "xpassed",
        "test_strict": "failed",
        "test_caused": "failed",
        "TestGroup::test_method": "passed",
    }
    assert (run.trusted, run.reason, run.exit_code, run.counts) == (True, "", 1, Counts(3, 6, 2))
    assert not run.not_run

    failed = run.outcomes["test_calc.py::test_add[1]"]
    assert (failed.phase, failed.exception) == ("call", "AssertionError")
    assert failed.frames[-1] == Frame("test_calc.py", 17)
    assert "assert -1 == (1 + 2)" in failed.text
    assert failed.lines == {"calc.py": (2, 3)}
    assert run.outcomes["test_calc.py::test_add[0]"].lines == {"calc.py": (2,)}
    assert run.import_lines == {"calc.py": (1,)}

    caused = run.outcomes["test_calc.py::test_caused"]
    assert (caused.exception, caused.message) == ("RuntimeError", "wrapped")
    assert [f.line for f in caused.frames if f.inside] == [34, 36]

    (broken,) = run.collection_errors
    assert (broken.node_id, broken.exception, broken.frames[-1]) == (
        "test_broken.py", "ModuleNotFoundError", Frame("test_broken.py", 2),
    )  # fmt: skip


def test_only_the_node_ids_that_were_asked_for_run(open_bench: Bench, write: Write) -> None:
    files = {
        "test_a.py": "import pytest\n@pytest.mark.parametrize('x', [1, 2])\ndef test_p(x): pass\ndef test_q(): pass\n"
    }
    head = write("head", files | {"test_b.py": "def test_r(): pass\n"})
    run = go(open_bench, head, "test_a.py::test_p", "test_a.py::test_gone", "test_b.py")
    assert set(run.outcomes) == {"test_a.py::test_p[1]", "test_a.py::test_p[2]", "test_b.py::test_r"}
    assert run.trusted


def test_nothing_to_run_runs_nothing(open_bench: Bench, write: Write) -> None:
    run = go(open_bench, write("head", {}), "test_gone.py")
    assert (run.command, run.trusted, run.counts) == (None, True, Counts())


def test_the_projects_options_stay_and_cannot_stop_the_run(open_bench: Bench, write: Write) -> None:
    ini = "[pytest]\naddopts = -x --failed-first -p no:doctest -m 'not slow'\nmarkers = slow\nfilterwarnings = error\n"
    tests = "import pytest\ndef test_a(): assert 0\ndef test_b(): assert 0\n@pytest.mark.slow\ndef test_c(): pass\n"
    head = write("head", {"pytest.ini": ini, "test_a.py": tests})
    run = go(open_bench, head, "test_a.py")
    assert list(run.outcomes) == ["test_a.py::test_a", "test_a.py::test_b"]
    assert run.trusted, run.reason
    assert sorted(p.name for p in head.iterdir()) == ["pytest.ini", "test_a.py"]


def test_a_hang_keeps_what_finished_and_names_what_was_running(bench: Bench, write: Write) -> None:
    tests = "import time\ndef test_a(): pass\ndef test_b(): time.sleep(60)\ndef test_c(): pass\n"
    run = go(bench, write("head", {"test_a.py": tests}), "test_a.py", timeout=4)
    assert (run.timed_out, run.trusted, run.cut_short) == (True, False, True)
    assert [o.outcome for o in run.outcomes.values()] == ["passed", "timeout"]
    assert run.not_run == ("test_a.py::test_c",)
    assert "test_a.py::test_b" in run.reason


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 11)"])
def test_a_test_that_ends_the_process_is_no_green(open_bench: Bench, write: Write, end: str) -> None:
    tests = f"import os\ndef test_a(): pass\ndef test_b(): {end}\ndef test_c(): assert 0\n"
    run = go(open_bench, write("head", {"test_a.py": tests}), "test_a.py")
    assert (run.trusted, run.outcomes["test_a.py::test_b"].outcome) == (False, "crashed")
    assert "ended early" in run.reason


FORGERIES = {
    "the exit status": (
        "import pytest\ndef pytest_sessionfinish(session): session.exitstatus = 0\n",
        "does not agree",
    ),
    "a report": (
        "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
        "    got = yield\n    got.get_result().outcome = 'passed'\n",
        "although it raised",
    ),
    "an early end": (
        "import pytest\ndef pytest_runtest_setup(item): pytest.exit('enough', returncode=0)\n",
        "without running",
    ),
    "our own end": (
        "import os, atexit\nreal = os._exit\nos._exit = lambda code: real(0)\n",
        "process ended with 0",
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_conftest_that_forges_the_verdict_is_not_believed(open_bench: Bench, write: Write, forgery: str) -> None:
    conftest, words = FORGERIES[forgery]
    head = write("head", {"conftest.py": conftest, "test_a.py": "def test_a(): assert 0\n"})
    run = go(open_bench, head, "test_a.py")
    assert not run.trusted
    assert words in run.reason


def test_code_from_the_users_tree_is_a_leak(open_bench: Bench, write: Write) -> None:
    repo = write("repo", {"lib/pkg/__init__.py": "", "lib/pkg/mod.py": "X = 1\n"})
    head = write(
        "head",
        {"test_a.py": f"import sys; sys.path.insert(0, {str(repo / 'lib')!r})\nimport pkg.mod\ndef test_a(): pass\n"},
    )
    run = go(open_bench, head, "test_a.py")
    assert (run.trusted, run.usable) == (False, False)
    assert "pkg" in run.reason


def test_an_installed_copy_of_a_changed_module_is_a_leak(open_bench: Bench, write: Write) -> None:
    installed = write("site", {"pkg/__init__.py": "", "pkg/mod.py": "X = 1\n"})
    test = f"import sys; sys.path.insert(0, {str(installed)!r})\nimport pkg.mod\ndef test_a(): pass\n"
    head = write("head", {"py/pkg/__init__.py": "", "py/pkg/mod.py": "X = 2\n", "test_a.py": test})
    assert "pkg.mod" in go(open_bench, head, "test_a.py", changed=("py/pkg/mod.py",)).reason
    assert go(open_bench, head, "test_a.py", changed=("py/other.py", "json.py")).trusted


def test_an_editable_install_leads_to_the_snapshot_behind_walls(walled_bench: Bench, write: Write) -> None:
    repo = write("repo", {"python/pkg.py": "X = 'the user has this'\n"})
    path = f"import sys; sys.path.append({str(repo / 'python')!r})\n"
    head = write(
        "head",
        {"python/pkg.py": "X = 'head'\n", "test_a.py": path + "import pkg\ndef test_a(): assert pkg.X == 'head'\n"},
    )
    run = go(walled_bench, head, "test_a.py", changed=("python/pkg.py",))
    assert (run.trusted, run.counts) == (True, Counts(1)), run


def test_a_src_folder_and_the_top_can_be_imported_and_pytests_own_parts_cannot_be_replaced(
    open_bench: Bench, write: Write
) -> None:
    bad = "raise SystemExit('taken over')\n"
    test = "import pkg, top, pluggy\ndef test_a(): assert pkg.X and top.X and pluggy.PluginManager\n"
    head = write("head", {
        "src/pkg/__init__.py": "X = 1\n", "top.py": "X = 1\n", "pluggy.py": bad, "pytest.py": bad,
        "_pytest/__init__.py": bad,        "sitecustomize.py": bad, "tests/unit/test_a.py": test,
    })  # fmt: skip
    run = go(open_bench, head, "tests/unit/test_a.py")
    assert (run.trusted, run.counts) == (True, Counts(1)), (run.reason, run.red)


def test_a_conftest_that_cannot_be_loaded_is_an_error_of_the_whole_run(open_bench: Bench, write: Write) -> None:
    head = write("head", {"conftest.py": "import none_such\n", "test_a.py": "def test_a(): pass\n"})
    run = go(open_bench, head, "test_a.py")
    (error,) = run.collection_errors
    assert (error.node_id, error.phase) == ("", "start")
    assert "none_such" in error.text
    assert run.counts == Counts(0, 1)


def test_many_targets_and_long_names_fit(open_bench: Bench, write: Write) -> None:
    head = write("head", {"test_a.py": "def test_a(): pass\n"})
    many = [f"test_a.py::test_{'x' * 200}_{i}" for i in range(3000)]
    run = go(open_bench, head, *many, "test_a.py::test_a")
    assert run.counts == Counts(1)


def test_an_unreadable_exception_and_strange_text_do_not_break_the_report(open_bench: Bench, write: Write) -> None:
    test = (
        "class Odd(Exception):\n    def __str__(self): raise ValueError('no')\n"
        "def test_a(): raise Odd\n"
        "def test_b(): raise ValueError('\\ud800 ' + 'x' * 100000)\n"
    )
    run = go(open_bench, write("head", {"test_a.py": test}), "test_a.py")
    assert run.outcomes["test_a.py::test_a"].exception == "Odd"
    assert len(run.outcomes["test_a.py::test_b"].text) < 5000
    assert run.trusted


def test_what_a_forked_child_does_is_not_reported(open_bench: Bench, write: Write) -> None:
    test = (
        "import os, sys, pytest\n"
        "def test_a():\n"
        "    if os.fork() == 0: sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', 'test_b.py']))\n"
        "    os.wait()\n"
    )
    head = write("head", {"test_a.py": test, "test_b.py": "def test_b(): assert 0\n"})
    run = go(open_bench, head, "test_a.py")
    assert list(run.outcomes) == ["test_a.py::test_a"]


def test_the_interpreters_folder_is_first_on_the_path(open_bench: Bench, write: Write) -> None:
    test = "import os\ndef test_a(): assert os.environ['PATH'].startswith({!r})\n"
    head = write("head", {"test_a.py": test.format(str(open_bench.interpreter.path.parent) + os.pathsep)})
    assert go(open_bench, head, "test_a.py").counts == Counts(1)


def test_an_interpreter_that_cannot_start_is_no_green(open_bench: Bench, write: Write) -> None:
    head = write("head", {"test_a.py": "def test_a(): pass\n"})
    gone = replace(open_bench, interpreter=replace(open_bench.interpreter, path=Path("/no/python")))
    run = go(gone, head, "test_a.py")
    assert (run.trusted, run.exit_code) == (False, 127)


def test_the_values_of_a_failing_test_are_told(bench: Bench, write: Write) -> None:
    test = (
        "class Odd:\n    def __repr__(self): raise SystemError\n\n"
        "def test_a():\n    short, long, odd, kind, call = 'a', 'b' * 999, Odd(), Odd, len\n"
        "    assert call(short) == 2\n"
    )
    run = go(bench, write("snap", {"test_a.py": test}), "test_a.py")
    values = run.outcomes["test_a.py::test_a"].values
    assert values == {"short": "'a'", "long": "", "odd": "", "kind": "Odd", "call": "len"}


def test_both_ends_of_a_long_traceback_are_kept(bench: Bench, write: Write) -> None:
    test = "def deep(n):\n    return deep(n + 1)\n\ndef test_a():\n    deep(0)\n"
    frames = go(bench, write("snap", {"test_a.py": test}), "test_a.py").outcomes["test_a.py::test_a"].frames
    assert Frame("test_a.py", 5) in frames
    assert frames[-1] == Frame("test_a.py", 2)


MANY = """import threading


def outer(n):
    def inner(m):
        return m + 1
    double = lambda m: m * 2
    return [inner(i) for i in range(n)] + [double(n)]


def steps(n):
    yield n
    yield n + 1


def other(n):
    return sum(
        i
        for i in range(n))


class Box:
    size = 1
"""
RUNS = """import threading

from code_ import Box, other, outer, steps


def test_nested(): assert outer(1) == [1, 2]
def test_generator(): assert next(steps(1)) == 1
def test_thread():
    thread = threading.Thread(target=outer, args=(0,))
    thread.start()
    thread.join()
def test_other(): assert other(3) == 3
def test_class(): assert Box.size
"""


def test_lines_are_told_wherever_they_run(bench: Bench, write: Write) -> None:
    head = write("head", {"code_.py": MANY, "test_code.py": RUNS})
    run = run_tests(bench, head, ["test_code.py"], timeout=60, trace={"code_.py": {6, 7, 12, 13, 18, 22}})
    assert {n.partition("::")[2]: o.lines.get("code_.py", ()) for n, o in run.outcomes.items()} == {
        "test_nested": (6, 7), "test_generator": (12,), "test_thread": (7,), "test_other": (18,), "test_class": (),
    }  # fmt: skip
    assert run.import_lines == {"code_.py": (22,)}


def test_where_no_lines_are_asked_for_nothing_listens(bench: Bench, write: Write) -> None:
    head = write("head", {"test_it.py": "import sys\n\n\ndef test_it(): assert sys.gettrace() is None\n"})
    assert not run_tests(bench, head, ["test_it.py"], timeout=60, trace={"test_it.py": ()}).red
