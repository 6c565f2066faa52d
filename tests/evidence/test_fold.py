from __future__ import annotations

from dataclasses import replace

from reviewer.evidence.fold import fold
from reviewer.finding import Category, Finding, Location, Proof, Reproducer, Severity

SHELL = Finding(
    "ruff/S602",
    Category.SECURITY,
    Severity.WARNING,
    Proof.TOOL,
    Location("a.py", 4, 6),
    "run(c, shell=True)",
    "a shell runs it",
    ("ruff",),
)
BANDIT = replace(
    SHELL,
    rule_id="bandit/B602",
    severity=Severity.ERROR,
    location=Location("a.py", 4, 4),
    message="a shell runs what the caller gives (CWE-78)",
    sources=("bandit",),
)


def test_ruff_and_bandit_on_the_same_weakness_are_one_finding_of_both() -> None:
    (one,) = fold([SHELL, BANDIT])
    assert (one.rule_id, one.sources, one.severity) == ("bandit/B602", ("bandit", "ruff"), Severity.ERROR)
    assert one.message == BANDIT.message
    assert fold([BANDIT, SHELL]) == (one,)


def test_a_model_that_names_the_same_cwe_adds_its_voice_and_weakens_nothing() -> None:
    model = replace(
        BANDIT, rule_id="security/injection", proof=Proof.MODEL, sources=("model",), message="CWE-78: " + "x" * 99
    )
    (one,) = fold([model, BANDIT])
    assert (one.proof, one.sources, one.message) == (Proof.TOOL, ("bandit", "model"), BANDIT.message)


def test_a_reproducer_survives_and_its_proof_decides() -> None:
    shown = Reproducer("", "pytest", "pass", "fail", "boom")
    proved = replace(
        SHELL, rule_id="security/shell (CWE-78)", message="CWE-78", proof=Proof.REPRODUCED, reproducer=shown
    )
    (one,) = fold([BANDIT, proved])
    assert (one.proof, one.severity, one.reproducer) == (Proof.REPRODUCED, Severity.ERROR, shown)


def test_cwe_7_is_not_cwe_78() -> None:
    assert len(fold([BANDIT, replace(BANDIT, rule_id="x/y", message="CWE-7")])) == 2


def test_other_lines_files_and_topics_stay_apart() -> None:
    apart = [
        SHELL,
        replace(BANDIT, location=Location("a.py", 7, 7)),
        replace(BANDIT, location=Location("b.py", 4, 4)),
        replace(SHELL, rule_id="ruff/S607", message="partial path"),
    ]
    assert fold(apart) == (apart[0], apart[1], apart[3], apart[2])


def test_a_chain_of_overlaps_is_one_finding_whatever_the_order() -> None:
    links = [replace(SHELL, location=Location("a.py", start, start + 2)) for start in (1, 5, 3)]
    assert len(fold(links)) == 1


def test_three_notes_on_a_line_become_one_but_two_or_worse_ones_do_not() -> None:
    notes = [
        replace(SHELL, rule_id=f"ruff/X{n}", message=f"remark {n}.", severity=Severity.NOTE, sources=(f"tool{n}",))
        for n in range(3)
    ]
    (one,) = fold(notes)
    assert one.message == "remark 0; remark 1; remark 2"
    assert set(one.sources) == {"tool0", "tool1", "tool2"}
    assert len(fold(notes[:2])) == 2
    assert len(fold([*notes[:2], replace(notes[2], severity=Severity.WARNING)])) == 3
