from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from record import Ledger, Record
from reliability import main

BLANK = Record("mine", "a", "quixbugs", "A", "blind", False, ("x",), "m", seconds=1.0, counted=1, hits=1)


def test_remarks_on_clean_changes_are_wrong_and_mixed_reports_do_not_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = {
        BLANK: [("bug/x", 0.9, "bug"), ("style/y", 0.9, "style")],
        replace(BLANK, id="b", counted=2): [("bug/x", 0.9, "bug"), ("bug/x", 0.9, "bug")],
        replace(BLANK, id="c", hits=0): [("bug/x", 0.9, "bug")],
        replace(BLANK, mode="control", clean=True, hits=0): [("bug/x", 0.9, "bug"), ("bug/z", 0.25, "bug")],
    }
    ledger = Ledger(tmp_path / "mine.jsonl")
    (tmp_path / "mine.reports").mkdir()
    for record, found in runs.items():
        ledger.append(record)
        said = [{"rule_id": rule, "confidence": level, "category": kind} for rule, level, kind in found]
        (tmp_path / "mine.reports" / f"{record.id}.{record.mode}.json").write_text(json.dumps({"findings": said}))
    assert main([str(tmp_path / "mine.jsonl")]) == 0
    out = capsys.readouterr().out
    assert "| **0.90** | 3 | 0.33 | `##########                    ` all |" in out
    assert "| **0.25** | 1 | 0.00 |" in out
    assert "1 reports in which some remarks hit and others do not" in out
