from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from record import Fix, Ledger, Record

RECORD = Record("tool", "case-1", "quixbugs", "A", "fix", False, ("review",), "machine", seconds=1.0)


def test_records_come_back_as_they_went_in(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "runs.jsonl")
    fixed = replace(RECORD, id="case-2", fixes=(Fix("verified", True, False),))
    ledger.append(RECORD)
    ledger.append(fixed)
    assert ledger.read() == (RECORD, fixed)


def test_a_line_cut_short_is_left_out_and_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    Ledger(path).append(RECORD)
    with path.open("a") as file:
        file.write('{"label": "tool", "id": "ca')
    Ledger(path).append(replace(RECORD, id="case-3"))
    assert [record.id for record in Ledger(path).read()] == ["case-1", "case-3"]


def test_the_later_of_two_runs_counts(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "runs.jsonl")
    ledger.append(replace(RECORD, error="broken"))
    ledger.append(RECORD)
    assert ledger.read() == (RECORD,)


def test_only_a_verified_fix_can_be_wrong_and_any_right_one_fixes() -> None:
    passes = replace(RECORD, fixes=(Fix("passes", True, False),))
    both = replace(RECORD, fixes=(Fix("verified", False, False), Fix("passes", True, True)))
    assert (passes.fixed, passes.wrong_fix) == (False, False)
    assert (both.fixed, both.wrong_fix) == (True, True)
