"""The JSON Schema of the JSON report, made from the values that the report is made of.

`python -m reviewer.report.schema` prints what is published in docs/report.schema.json.
"""

from __future__ import annotations

import json
import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, get_args, get_origin

from ..finding import Finding, Location
from ..review import CommandRun, Explanation, ModelInfo, Receipt, Review, Skipped, TestReport
from .jsonreport import VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean", types.NoneType: "null"}
NOTE = "Keys are added in later versions of the tool and never renamed: readers ignore what they do not know."


def schema(*, strict: bool = False) -> dict[str, Any]:
    """The schema; `strict` allows no key that it does not name, which the tests ask for and readers should not."""
    made = {"$schema": DIALECT, "title": "llm-review report", "description": NOTE, **_report()}
    return _closed(made) if strict else made


def _report() -> dict[str, Any]:
    review = _hints(Review)
    return _object(
        {
            "version": {"const": VERSION},
            "tool": _object({"name": {"const": "llm-review"}, "version": _of(str)}),
            "base": _of(review["base"]),
            "head": _of(review["head"]),
            "complete": _of(bool),
            "interrupted": _of(review["interrupted"]),
            "exit_code": _of(int),
            "summary": _of(review["summary"]),
            "explanations": _list(_of(Explanation)),
            "findings": _list(_finding()),
            "tests": _of(TestReport),
            "skipped": _list(_of(Skipped)),
            "receipt": _receipt(),
        },
        Review,
    )


def _finding() -> dict[str, Any]:
    """A finding with its place beside its other keys, its fingerprint as `id` and the first of its sources."""
    hints = _hints(Finding)
    place = {name: _of(kind) for name, kind in _hints(Location).items()}
    made = {name: _of(kind) for name, kind in hints.items() if name != "location"}
    return _object({"id": _of(str), "source": _of(str), **place, **made}, Finding)


def _receipt() -> dict[str, Any]:
    hints = _hints(Receipt)
    made = {name: _of(hints[name]) for name in ("files", "units", "interpreter", "rejected", "isolation", "made")}
    return _object(
        made
        | {
            "commands": _list(_of(CommandRun)),
            "model": {"anyOf": [_of(ModelInfo), {"type": "null"}]},
            "tokens": _object({name: _of(int) for name in ("prompt", "cached", "completion")}),
            "cost": _of(float),
            "cache": _object({"hit_rate": _of(float), "requests": _of(int), "kept_answers": _of(int)}),
            "seconds": _object({"total": _of(float), "stages": _of(hints["stages"])}),
        },
        Receipt,
    )


def _of(kind: Any) -> dict[str, Any]:
    """The schema of a type: a simple one, an enum, a dataclass, a union, a tuple of many, a mapping from text."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind in SIMPLE:
        return {"type": SIMPLE[kind]}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [member.value for member in kind]}
    if is_dataclass(kind):
        return _object({name: _of(hint) for name, hint in _hints(kind).items()}, kind)
    if origin in {types.UnionType, typing.Union}:
        return {"anyOf": [_of(one) for one in inner]}
    if origin is tuple:
        return _list(_of(inner[0]))
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _of(inner[1])}
    raise TypeError(f"no schema for {kind}")


def _hints(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _object(properties: dict[str, Any], kind: Any = None) -> dict[str, Any]:
    words = {"description": " ".join((kind.__doc__ or "").split())} if kind else {}
    return {"type": "object", **words, "properties": properties, "required": list(properties)}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _closed(node: Any) -> Any:
    """The same schema in which no object has a key that is not named."""
    if isinstance(node, list):
        return [_closed(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    made = {key: _closed(inner) for key, inner in node.items()}
    return made | {"additionalProperties": False} if "properties" in made and "required" in made else made


def render() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
