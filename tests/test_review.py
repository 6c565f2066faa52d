from __future__ import annotations

from itertools import permutations, product

import pytest

from reviewer.errors import ExitCode
from reviewer.finding import Category, Finding, Location, Proof, Severity
from reviewer.review import FailOn, Review, Skipped, Usage, decide

MAY_BLOCK = {
    (Proof.REPRODUCED, Severity.ERROR, FailOn.REPRODUCED),
    (Proof.REPRODUCED, Severity.ERROR, FailOn.TOOL),
    (Proof.TOOL, Severity.ERROR, FailOn.TOOL),
}


def finding(
    proof: Proof, severity: Severity = Severity.ERROR, path: str = "a.py", line: int = 1, *, blocking: bool = False
) -> Finding:
    place = Location(path, line, line)
    return Finding("x/y", Category.BUG, severity, proof, place, "q", "m", ("s",), blocking=blocking)


@pytest.mark.parametrize(("proof", "severity", "fail_on"), list(product(Proof, Severity, FailOn)))
def test_what_blocks_is_decided_by_proof_severity_and_policy(proof: Proof, severity: Severity, fail_on: FailOn) -> None:
    for said in (True, False):  # whatever anyone said before
        (decided,) = decide([finding(proof, severity, blocking=said)], fail_on)
        assert decided.blocking is ((proof, severity, fail_on) in MAY_BLOCK)


def test_the_order_is_blocking_severity_proof_and_place() -> None:
    wanted = [
        finding(Proof.REPRODUCED, path="z.py", blocking=True),
        finding(Proof.TOOL),
        finding(Proof.MODEL),
        finding(Proof.TOOL, Severity.WARNING, "a.py", 2),
        finding(Proof.TOOL, Severity.WARNING, "a.py", 10),
        finding(Proof.TOOL, Severity.WARNING, "b.py", 1),
        finding(Proof.MODEL, Severity.WARNING),
        finding(Proof.TOOL, Severity.NOTE),
    ]
    assert list(decide(reversed(wanted), FailOn.REPRODUCED)) == wanted
    for mixed in permutations(wanted[:4]):
        assert list(decide(mixed, FailOn.REPRODUCED)) == wanted[:4]


BLOCKING = decide([finding(Proof.REPRODUCED)], FailOn.REPRODUCED)
OPINION = decide([finding(Proof.MODEL)], FailOn.TOOL)
LOST = (Skipped("model", "gone"),)
HARMLESS = (Skipped("tests", "none", harmless=True),)


@pytest.mark.parametrize(
    ("review", "code", "complete"),
    [
        (Review("b", "h"), ExitCode.OK, True),
        (Review("b", "h", skipped=HARMLESS, on_incomplete="fail"), ExitCode.OK, True),
        (Review("b", "h", findings=OPINION), ExitCode.OK, True),
        (Review("b", "h", skipped=LOST), ExitCode.OK, False),
        (Review("b", "h", skipped=LOST, on_incomplete="fail"), ExitCode.INCOMPLETE, False),
        (Review("b", "h", findings=BLOCKING), ExitCode.BLOCKED, True),
        (Review("b", "h", findings=BLOCKING, skipped=LOST, on_incomplete="fail"), ExitCode.BLOCKED, False),
        (Review("b", "h", findings=BLOCKING, interrupted=True), ExitCode.INTERRUPTED, False),
    ],
)
def test_interrupted_before_blocked_before_incomplete_before_clean(
    review: Review, code: ExitCode, complete: bool
) -> None:
    assert (review.exit_code, review.complete) == (code, complete)


def test_usage_adds_up() -> None:
    assert Usage(1, 2, 3) + Usage(10, 20, 30) == Usage(11, 22, 33)
