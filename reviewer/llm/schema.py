"""Whether a text is JSON that satisfies a JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..foreign import from_json


def problem_of(text: str, schema: Mapping[str, Any]) -> str:
    """What is wrong with the text, in a sentence; "" when nothing is."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only where a server cannot be relied on

    try:
        value = from_json(text)
    except ValueError as error:
        return f"it is no JSON: {error}"
    wrong = next(iter(Draft202012Validator(dict(schema)).iter_errors(value)), None)
    return f"{wrong.message[:300]} (at {wrong.json_path})" if wrong else ""
