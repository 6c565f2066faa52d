"""Tests that write into the report of the run they are part of, and that look for the nonce that makes it whole."""

from __future__ import annotations

from .conftest import Attack, Switches, green, reviewed

# The report is found among the open files; a plugin that a test registers then writes at the session's end.
APPENDS = """
import json, os


class Forger:
    def pytest_sessionfinish(self, session):
        session.exitstatus = 0
        with open(report(), "a") as file:
            line = dict(kind="test", nodeid="test_calc.py::test_half", outcome="passed", phase="call", text="",
                        rewritten=False)
            file.write(json.dumps(line) + "\\n")


def report():
    names = (os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if n.isdigit() and int(n) > 2)
    return next(name for name in names if name.endswith("report.jsonl"))


def test_aaa(request):
    request.config.pluginmanager.register(Forger())
"""

# All of it: the nonce out of the process's memory, the count of the lines, the JUnit XML, and a quick end.
COMPLETES = """
import gc, json, os


def report():
    names = (os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if n.isdigit() and int(n) > 2)
    return next(name for name in names if name.endswith("report.jsonl"))


def test_aaa():
    nonce = next(o["nonce"] for o in gc.get_objects() if type(o) is dict and type(o.get("nonce")) is str)
    path = report()
    n = len(open(path).readlines())
    tests = ["test_aaa.py::test_aaa", "test_calc.py::test_half", "test_calc.py::test_other"]
    with open(path, "a") as file:
        for number, test in enumerate(tests):
            line = dict(kind="test", nodeid=test, outcome="passed", phase="call", text="", rewritten=False)
            file.write(json.dumps(dict(line, n=n + number)) + "\\n")
        file.write(json.dumps(dict(kind="end", nonce=nonce, exit=0, n=n + len(tests))) + "\\n")
    with open(os.path.join(os.path.dirname(path), "junit.xml"), "w") as file:
        file.write("<testcase />" * len(tests))
    os._exit(0)
"""

LOOKS = """
import os, re


def test_aaa():
    seen = open("/proc/self/environ", "rb").read() + open("/proc/self/cmdline", "rb").read()
    folder = os.path.dirname(next(a for a in seen.decode().split("\\0") if a.endswith("spec.json")))
    for name in os.listdir(folder):
        if name.endswith((".json", ".jsonl", ".xml")):
            seen += open(os.path.join(folder, name), "rb").read()
    assert not re.search(rb"\\b[0-9a-f]{32}\\b", seen)
"""


def test_lines_that_a_test_adds_to_the_report_are_noticed(attack: Attack) -> None:
    review = reviewed(attack({"test_aaa.py": APPENDS}))
    assert not green(review)
    assert any("somebody else wrote" in s.reason for s in review.skipped)


def test_without_counted_lines_and_other_reports_they_would_decide(attack: Attack, without: Switches) -> None:
    case = attack({"test_aaa.py": APPENDS})
    without.agreement()
    without.canary()
    assert green(reviewed(case))


def test_a_report_that_is_forged_to_its_end_does_not_survive_the_canary(attack: Attack) -> None:
    review = reviewed(attack({"test_aaa.py": COMPLETES}))
    assert not green(review)
    assert (review.tests.canary, review.findings) == ("missed", ())
    assert any(s.reason.startswith("untrusted") for s in review.skipped)


def test_without_the_canary_such_a_report_is_believed(attack: Attack, without: Switches) -> None:
    case = attack({"test_aaa.py": COMPLETES})
    without.canary()
    assert green(reviewed(case))


def test_the_nonce_is_in_no_argument_no_variable_and_no_file(attack: Attack) -> None:
    review = reviewed(attack({"test_aaa.py": LOOKS}))
    assert [f.rule_id for f in review.findings] == ["bug/test-regression"]


def test_a_spec_that_is_left_lying_about_gives_the_nonce_away(attack: Attack, without: Switches) -> None:
    case = attack({"test_aaa.py": LOOKS})
    without.plugin("    os.unlink(sys.argv[1])\n", "")
    assert "bug/new-test-fails" in [f.rule_id for f in reviewed(case).findings]
