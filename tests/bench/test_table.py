from __future__ import annotations

from dataclasses import replace

from record import Fix, Record
from table import HEADS, render, row

HIT = Record(
    label="tool",
    id="one",
    suite="reintro",
    tier="A",
    mode="seen",
    clean=False,
    command=("review", "diff"),
    machine="processor, 2 cores",
    gradable=True,
    seconds=2.0,
    exit_code=1,
    complete=True,
    hit=True,
    strict=True,
    counted=2,
    hits=1,
    shown=3,
    blocked=True,
    reproduced=True,
    verified=True,
    fixes=(Fix("verified", True, True),),
    model="provider model",
    model_hash="abc",
    tokens=100,
)
MISSED = Record("tool", "two", "reintro", "A", "seen", False, ("review", "diff"), "processor, 2 cores", True, 4.0)
BROKEN = replace(MISSED, id="three", error="no report within 600 seconds", seconds=600.0)
FALSE_ALARM = replace(
    HIT, id="four", mode="control", clean=True, hit=False, hits=0, fixes=(Fix("verified", True, False),)
)


def cells(*records: Record) -> dict[str, str]:
    return dict(zip(HEADS, row(records), strict=True))


def test_shares_count_a_broken_run_as_a_miss() -> None:
    told = cells(HIT, MISSED, BROKEN, replace(HIT, id="five"))
    assert (told["n"], told["hit"], told["fixed"], told["errors"]) == ("4", "0.50", "0.50", "0.25")
    assert (told["incomplete"], told["precision"], told["shown"], told["s p50"]) == ("0.25", "0.50", "2.00", "3.0")


def test_f1_and_the_right_weakness() -> None:
    weak = replace(HIT, suite="securityeval", mode="insecure", cwe=False, group=True)
    told = cells(weak, replace(weak, id="six", hit=False, hits=0, group=False))
    assert (told["hit"], told["precision"], told["F1"]) == ("0.50", "0.25", "0.33")
    assert (told["cwe"], told["group"]) == ("0.00", "0.50")
    assert (cells(HIT)["cwe"], cells(MISSED)["F1"], cells(FALSE_ALARM)["F1"]) == ("-", "0.00", "-")


def test_what_has_no_meaning_is_a_dash() -> None:
    told = cells(FALSE_ALARM)
    assert (told["hit"], told["precision"], told["fixed"]) == ("-", "-", "-")
    assert (told["blocked"], told["reproduced"], told["wrong fix"]) == ("1.00", "1.00", "1.00")
    assert cells(replace(HIT, gradable=False, fixes=()))["fixed"] == "-"


def test_the_lists_name_the_runs_that_went_wrong() -> None:
    text = render((HIT, MISSED, BROKEN, FALSE_ALARM))
    lists = text[text.index("missed") :]
    assert lists.split("\n\n") == [
        "missed (1)\n  tool two seen",
        "found, but as another group of weaknesses (0)",
        "clean, but of the group (0)",
        "clean but blocked (1)\n  tool four control",
        'clean but "reproduced" (1)\n  tool four control',
        "verified but wrong (1)\n  tool four control",
        "no report (1)\n  tool three seen: no report within 600 seconds",
    ]


def test_the_model_its_hash_and_the_machine_stand_above() -> None:
    first = render((HIT,)).splitlines()[0]
    assert "provider model sha256 abc" in first
    assert "processor, 2 cores" in first


def test_markdown_has_a_table() -> None:
    lines = render((HIT,), markdown=True).splitlines()
    assert lines[2].startswith("| tool | suite ")
    assert set(lines[3]) <= set("| -")
    assert lines[4].startswith("| tool | reintro | seen | 1 | 1.00 |")
