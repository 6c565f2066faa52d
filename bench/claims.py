"""Reading a JSON report, version 1, into what the judge needs of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casekit import BenchError
from groups import named


@dataclass(frozen=True, slots=True)
class Claim:
    """One finding: its place on one side of the change, category, proof, the weaknesses it names, and its fix."""

    path: str
    start: int
    end: int
    side: str
    category: str
    proof: str
    blocking: bool = False
    cwes: tuple[int, ...] = ()
    patch: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its claims, whether it is complete, the tool, the model with its hash, and the tokens spent."""

    claims: tuple[Claim, ...]
    complete: bool
    tool: str = ""
    model: str = ""
    model_hash: str = ""
    tokens: int = 0


def read_report(text: str | bytes) -> Report:
    """Parse a report. Raises BenchError when it is not a valid one of version 1."""
    try:
        raw = json.loads(text)
        if raw["version"] != 1:
            raise BenchError(f"the report has version {raw['version']!r}, not 1")
        return _report(raw)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BenchError(f"no valid report: {error!r}"[:300]) from error


def _report(raw: Mapping[str, Any]) -> Report:
    receipt = raw.get("receipt") or {}
    model, tokens, tool = receipt.get("model") or {}, receipt.get("tokens") or {}, raw.get("tool") or {}
    return Report(
        tuple(_claim(finding) for finding in raw["findings"]),
        complete=raw["complete"] is True,
        tool=" ".join(str(tool[key]) for key in ("name", "version") if key in tool),
        model=" ".join(str(model[key]) for key in ("provider", "name") if model.get(key)),
        model_hash=str(model.get("sha256") or ""),
        tokens=int(tokens.get("prompt") or 0) + int(tokens.get("completion") or 0),
    )


def _claim(finding: Mapping[str, Any]) -> Claim:
    suggestion = finding.get("suggestion") or {}
    start = int(finding["start_line"])
    return Claim(
        path=str(finding["path"]),
        start=start,
        end=max(start, int(finding.get("end_line") or start)),
        side=str(finding.get("side") or "head"),
        category=str(finding["category"]),
        proof=str(finding["proof"]),
        blocking=finding.get("blocking") is True,
        cwes=named(str(finding.get("rule_id") or ""), str(finding.get("message") or "")),
        patch=str(suggestion.get("patch") or ""),
        verdict=str(suggestion.get("verdict") or ""),
    )
