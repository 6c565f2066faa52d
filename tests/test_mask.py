from __future__ import annotations

from reviewer.finding import Category, Finding, Location, Proof, Reproducer, Severity, Suggestion, Verdict
from reviewer.mask import masked, masked_findings

SECRET = "s3cr3t-" + "value"


def test_every_text_of_a_finding_is_masked() -> None:
    finding = Finding(
        "a/b",
        Category.BUG,
        Severity.NOTE,
        Proof.TOOL,
        Location("a.py", 1, 1),
        f"x = '{SECRET}'",
        f"got {SECRET}",
        ("x",),
        reproducer=Reproducer(f"assert f() == '{SECRET}'", "pytest", "pass", "fail", f"E {SECRET}"),
        suggestion=Suggestion(f"-x = '{SECRET}'\n", "take it out", Verdict.NOT_RUN, f"{SECRET} is gone"),
        explanation=f"{SECRET} is shown",
    )
    (one,) = masked_findings([finding], (SECRET,))
    assert SECRET not in repr(one)
    assert repr(one).count("s3c[...]") == 7
    assert masked_findings([finding], ()) == [finding]


def test_the_longest_goes_first_and_short_words_stay() -> None:
    assert masked("abcdefgh abcdef abc", ("abcdef", "abcdefgh", "abc")) == "abc[...] abc[...] abc"
