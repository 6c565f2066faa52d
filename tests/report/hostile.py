"""Text that each format would obey if it were not escaped."""

from __future__ import annotations

from dataclasses import replace

from reviewer.finding import Counts, Finding, Location, Suggestion, Verdict
from reviewer.review import Explanation, Review, Skipped
from tests.report.reviews import FULL, REPRODUCED

TEXT = (
    "![x](https://evil.example/?q=1) [click](javascript:alert(1)) <img src=x onerror=alert(1)> @octocat fixes #1,"
    " closes https://github.com/o/r/issues/2 and GH-3 www.evil.example `code` ``` $x$ :tada: {0} <!-- -->"
    " \x1b]52;c;aGk=\x07 \u202e ]]> \ufffe & \udcff\r\n::error file=x::forged\n- item\n# Heading\n|a|b|\n|-|-|\n"
)
NAME = "src/a b,c:d%0A\n::error::x é\udcff`.py"


def hostile() -> Review:
    """A review in which every text that a model, a tool or a repository gives is hostile."""
    suggestion = Suggestion(f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-{TEXT}", TEXT, Verdict.NOT_RUN, TEXT, after=Counts(1))
    finding: Finding = replace(
        REPRODUCED,
        rule_id=f"bug/{TEXT}",
        location=Location(NAME, 3, 3),
        quote=TEXT,
        message=TEXT,
        sources=(TEXT,),
        explanation=TEXT,
        suggestion=suggestion,
    )
    return replace(
        FULL,
        summary=TEXT,
        explanations=(Explanation(NAME, TEXT, TEXT, (TEXT,)),),
        findings=(finding, finding),
        skipped=(Skipped(TEXT, TEXT),),
        receipt=replace(FULL.receipt, isolation={TEXT: TEXT}),
    )


def many(number: int) -> Review:
    """A review with that many findings."""
    found = tuple(replace(REPRODUCED, location=Location(f"src/m{n}.py", n + 1, n + 1)) for n in range(number))
    return replace(FULL, findings=found)
