from __future__ import annotations

import json
from dataclasses import replace

from reviewer.finding import Suggestion, Verdict
from reviewer.report.rdjson import render
from reviewer.verify.patch import unified
from tests.report.hostile import hostile
from tests.report.reviews import FULL, REPRODUCED


def test_a_proven_fix_is_a_suggestion_for_the_lines_of_its_diagnostic() -> None:
    fixed, other, _ = json.loads(render(FULL))["diagnostics"]
    lines = {"start": {"line": 4}, "end": {"line": 4}}
    assert fixed["suggestions"] == [{"range": lines, "text": "    for i in range(len(prices)):"}]
    assert fixed["location"] == {"path": "src/shop/cart.py", "range": lines}
    assert "suggestions" not in other
    assert other["location"]["range"] == {"start": {"line": 12}, "end": {"line": 14}}


def test_a_fix_in_two_places_is_none_since_they_would_be_alternatives() -> None:
    old = "".join(f"line {n}\n" for n in range(40))
    patch = unified("src/shop/cart.py", old, old.replace("line 3\n", "x\n").replace("line 33\n", "y\n"))
    finding = replace(REPRODUCED, suggestion=Suggestion(patch, "", Verdict.VERIFIED))
    (diagnostic,) = json.loads(render(replace(FULL, findings=(finding,))))["diagnostics"]
    assert "suggestions" not in diagnostic


def test_hostile_text_is_ascii_and_has_no_control() -> None:
    text = render(hostile())
    assert text.isascii()
    for diagnostic in json.loads(text)["diagnostics"]:
        assert diagnostic["severity"] == "ERROR"
        assert "\x1b" not in diagnostic["message"]
