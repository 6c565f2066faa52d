from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from reviewer.report import jsonreport, schema
from reviewer.review import Review
from tests.report.hostile import hostile
from tests.report.reviews import FULL, REVIEWS

PUBLISHED = Path(__file__).parents[2] / "docs" / "report.schema.json"
OPEN, STRICT = Draft202012Validator(schema.schema()), Draft202012Validator(schema.schema(strict=True))


def test_the_published_schema_is_the_codes() -> None:
    assert PUBLISHED.read_text("utf-8") == schema.render(), "python -m tests.report.update_gold writes it anew"
    Draft202012Validator.check_schema(schema.schema())


@pytest.mark.parametrize("review", [*REVIEWS.values(), Review("a", "b"), hostile()])
def test_every_report_is_valid_and_has_no_other_key(review: Review) -> None:
    report = json.loads(jsonreport.render(review))
    OPEN.validate(report)
    STRICT.validate(report)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), 2),
        (("findings", 0, "severity"), "fatal"),
        (("findings", 0, "start_line"), "4"),
        (("findings", 0, "suggestion", "verdict"), "correct"),
        (("receipt", "commands", 0, "exit_code"), "0"),
        (("tests", "head"), 3),
    ],
)
def test_another_value_is_refused(path: tuple[str | int, ...], value: object) -> None:
    report = json.loads(jsonreport.render(FULL))
    place = report
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ValidationError):
        OPEN.validate(report)


def test_a_new_key_is_for_readers_to_ignore_and_for_us_to_name() -> None:
    report = json.loads(jsonreport.render(FULL)) | {"new": 1}
    OPEN.validate(report)
    with pytest.raises(ValidationError):
        STRICT.validate(report)
    del report["new"], report["complete"]
    with pytest.raises(ValidationError):
        OPEN.validate(report)


def test_a_type_that_has_no_schema_is_an_error() -> None:
    with pytest.raises(TypeError, match="no schema for"):
        schema._of(set[int])
