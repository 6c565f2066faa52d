"""Reviews to report: one with everything in it, and the few that differ in kind."""

from __future__ import annotations

from dataclasses import replace

from reviewer.finding import (
    Category,
    Counts,
    Finding,
    Location,
    Proof,
    Reproducer,
    Severity,
    Side,
    Suggestion,
    Verdict,
)
from reviewer.review import (
    ChangedFile,
    CommandRun,
    Edit,
    Explanation,
    ModelInfo,
    Receipt,
    Review,
    Skipped,
    TestReport,
    Usage,
)

SOURCES = {
    "src/shop/cart.py": (
        "def total(prices):",
        '    """The sum of all prices."""',
        "    result = 0",
        "    for i in range(len(prices) - 1):",
        "        result += prices[i]",
        "    return result",
    )
}
CHANGED = (
    ChangedFile(
        "src/shop/cart.py",
        "src/shop/cart.py",
        "M",
        SOURCES["src/shop/cart.py"],
        (Edit(2, 1, ('    """<The> sum."""', "    if not prices:")), Edit(4, 1, ("    for i in range(len(prices)):",))),
    ),
    ChangedFile("data/big.py", "data/old.py", "R", omitted="its lines were not read"),
    ChangedFile("gone.py", "gone.py", "D", (), (Edit(0, 0, ("x = 1",)),)),
)
PATCH = """\
--- a/src/shop/cart.py
+++ b/src/shop/cart.py
@@ -4 +4 @@
-    for i in range(len(prices) - 1):
+    for i in range(len(prices)):
"""
OUTPUT = "\n".join(f"frame {n}" for n in range(1, 14)) + "\nE   assert 3 == 6\n"
REPRODUCED = Finding(
    rule_id="bug/failing-test",
    category=Category.BUG,
    severity=Severity.ERROR,
    proof=Proof.REPRODUCED,
    location=Location("src/shop/cart.py", 4, 4),
    quote="for i in range(len(prices) - 1):",
    message="The last price is never added.",
    sources=("tests", "model"),
    unit="total",
    blocking=True,
    reproducer=Reproducer("", "python -m pytest tests/test_cart.py::test_total", "pass", "fail", OUTPUT),
    suggestion=Suggestion(PATCH, "go to the end", Verdict.VERIFIED, before=Counts(11, 1), after=Counts(12)),
    explanation="`range(len(prices) - 1)` stops one short.",
)
WEAKNESS = Finding(
    rule_id="bandit/B602",
    category=Category.SECURITY,
    severity=Severity.ERROR,
    proof=Proof.TOOL,
    location=Location("src/shop/print_label.py", 12, 14),
    quote="subprocess.run(command, shell=True)",
    message="subprocess call with shell=True identified, security issue (CWE-78)",
    sources=("bandit", "ruff"),
    unit="print_label",
    confidence=0.9,
    suggestion=Suggestion("-a\n+b\n", "no shell", Verdict.NOT_RUN, "no test touches it"),
)
OPINION = Finding(
    rule_id="bug/missing-check",
    category=Category.BUG,
    severity=Severity.WARNING,
    proof=Proof.MODEL,
    location=Location("src/shop/cart.py", 2, 2, Side.BASE),
    quote="if not prices:",
    message="The check for an empty list is gone.",
    sources=("model",),
    confidence=0.4,
    suggestion=Suggestion("-a\n+b\n", "put it back", Verdict.REFUTED, "1 test fails with it"),
)
RECEIPT = Receipt(
    files=("src/shop/cart.py", "src/shop/print_label.py"),
    units=("src/shop/cart.py::total", "src/shop/print_label.py::print_label"),
    commands=(CommandRun(("ruff", "check", "a b.py"), 0, 0.031), CommandRun(("pytest",), None, 20.0)),
    interpreter="/project/.venv/bin/python",
    model=ModelInfo("llama.cpp", "small-coder", "cc324af070c2ecbfd324a30884d2f951"),
    usage=Usage(1234, 800, 120),
    rejected={"quote not in the unit": 2},
    isolation={"name": "bubblewrap", "network": "none"},
    stages={"tools": 0.4, "model": 11.0},
    seconds=12.34,
)
FULL = Review(
    base="1" * 40,
    head="2" * 40,
    summary="Adds a total to the cart, and prints labels.",
    explanations=(Explanation("src/shop/cart.py", "total", "Adds up\nthe prices.", ("`a + b` where `a - b` was",)),),
    findings=(REPRODUCED, WEAKNESS, OPINION),
    tests=TestReport(("tests/test_cart.py::test_total",), Counts(12), Counts(11, 1), "caught"),
    skipped=(
        Skipped("data/big.py", "it is generated", harmless=True),
        Skipped("bandit", "it did not finish within 60 seconds"),
    ),
    receipt=RECEIPT,
)
CLEAN = replace(
    FULL,
    summary="",
    explanations=(),
    findings=(),
    skipped=FULL.skipped[:1],
    tests=replace(FULL.tests, head=Counts(12)),
)
INCOMPLETE = replace(CLEAN, skipped=FULL.skipped)
REVIEWS = {"full": FULL, "clean": CLEAN, "incomplete": INCOMPLETE}
