from __future__ import annotations

from dataclasses import replace

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.finding import Category, Finding, Location, Proof, Reproducer, Severity, Suggestion, Verdict
from reviewer.review import Explanation
from reviewer.tasks.prose import OTHER, SECURITY, SUMMARY_PARTS, explain_finding, summarise
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

UNIT = Unit("m.py", "f", UnitKind.FUNCTION, None, Span(1, 2, "def f(a):\n    return a - 1\n"), frozenset({2}))
FLAW = Finding(
    "bandit/B602", Category.SECURITY, Severity.ERROR, Proof.TOOL, Location("m.py", 2, 2), "  return a - 1",
    "shell=True is dangerous", ("bandit",), "f",
)  # fmt: skip
BUG = replace(
    FLAW, category=Category.BUG, proof=Proof.REPRODUCED, reproducer=Reproducer("", "x", "pass", "fail", "x" * 900 + "E")
)
PATCH = "--- a/m.py\n+++ b/m.py\n@@ -2 +2 @@\n-    return a - 1\n+    return a + 1\n"


def ask(finding: Finding) -> tuple[str, str]:
    provider = FakeProvider(["It\n is wrong."])
    said = explain_finding(Session(provider), finding, UNIT)
    return said, provider.requests[0].prompt


def test_a_tool_s_finding_is_shown_with_its_words_and_the_line() -> None:
    said, prompt = ask(FLAW)
    assert said == "It is wrong."
    assert "def f(a):" in prompt
    assert "bandit reports at the line `return a - 1`:\nshell=True is dangerous\n" in prompt
    assert prompt.endswith(SECURITY)


def test_a_failure_is_shown_by_its_end_and_the_culprit_in_words() -> None:
    _, prompt = ask(BUG)
    assert "x" * 799 + "E\n" in prompt
    assert "x" * 801 not in prompt
    assert "The cause is known" not in prompt
    assert prompt.endswith(OTHER)
    _, prompt = ask(replace(BUG, suggestion=Suggestion(PATCH, "d", Verdict.VERIFIED)))
    assert "the code was `return a + 1` and the change made it `return a - 1`" in prompt


def test_a_fix_that_is_not_verified_is_no_cause() -> None:
    for verdict in (Verdict.PASSES, Verdict.REFUTED, Verdict.NOT_RUN):
        assert "The cause is known" not in ask(replace(BUG, suggestion=Suggestion(PATCH, "d", verdict)))[1]


def test_a_pure_removal_has_no_before_and_after() -> None:
    patch = PATCH.replace("+    return a + 1\n", "")
    assert "The cause is known" not in ask(replace(BUG, suggestion=Suggestion(patch, "d", Verdict.VERIFIED)))[1]


def test_nothing_is_asked_of_deleted_code() -> None:
    provider = FakeProvider()
    assert explain_finding(Session(provider), FLAW, replace(UNIT, head=None)) == ""
    assert provider.requests == []


def test_a_summary_of_one_part_or_none_costs_nothing() -> None:
    provider = FakeProvider()
    assert summarise(Session(provider), []) == ""
    assert summarise(Session(provider), [Explanation("m.py", "f", "Adds f.")]) == "Adds f."
    assert provider.requests == []


def test_a_summary_is_made_of_the_parts_that_fit() -> None:
    provider = FakeProvider(["All\nof it. "])
    parts = [Explanation("m.py", f"f{n}" if n else "", f"Adds {n}.") for n in range(SUMMARY_PARTS + 5)]
    assert summarise(Session(provider), parts) == "All of it."
    (request,) = provider.requests
    assert request.prompt.startswith("- m.py: Adds 0.\n- f1: Adds 1.\n")
    assert request.prompt.count("\n") == SUMMARY_PARTS
