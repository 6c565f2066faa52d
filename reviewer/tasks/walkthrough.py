"""What a reviewer reads first, and a way through a large change: from the change alone, without a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..change.change import Unit
from ..evidence.testfiles import is_test_module
from ..finding import Finding, Proof
from ..review import Explanation
from .risk import risk

Risky = tuple[float, Unit]
LARGE = 15
NAMED = 4
PROVED = {Proof.REPRODUCED: "what it breaks was reproduced", Proof.TOOL: "a tool or an execution reports something"}


def walkthrough(units: Sequence[Unit]) -> list[Explanation]:
    """A line for each folder of a change of more than `LARGE` units, the riskiest folder first; else none."""
    if len(units) <= LARGE:
        return []
    groups: dict[str, list[Risky]] = {}
    for unit in sorted(units, key=lambda u: (u.path, u.label)):
        groups.setdefault(_folder(unit.path), []).append((risk(unit), unit))
    ordered = sorted(groups.items(), key=lambda group: (-_weight(group[1]), group[0]))
    return [Explanation(folder, "", _line(inside)) for folder, inside in ordered]


def _folder(path: str) -> str:
    return path.rpartition("/")[0] + "/" if "/" in path else "./"


def _weight(units: Sequence[Risky]) -> float:
    """Tests and what is no Python come last, whatever their size."""
    paths = {u.path for _, u in units}
    code = {path for path in paths if path.endswith(".py") and not is_test_module(path)}
    return sum(risk for risk, u in units if u.path in code)


def _line(units: Sequence[Risky]) -> str:
    files = len({u.path for _, u in units})
    new, gone = (sum(getattr(u, side) is None for _, u in units) for side in ("base", "head"))
    kinds = [f"{len(units)} changed piece{'s' * (len(units) > 1)} in {files} file{'s' * (files > 1)}"]
    kinds += [f"{number} {word}" for number, word in ((new, "new"), (gone, "deleted")) if number]
    names = list(dict.fromkeys(u.name for _, u in sorted(units, key=lambda one: -one[0]) if u.name))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(kinds) + (f": {', '.join(names[:NAMED])}{more}" if names else "")


def first_look(units: Sequence[Unit], findings: Sequence[Finding]) -> str:
    """Where to begin in a change of several units, and why; "" where there is nothing to choose between."""
    code = [u for u in units if u.path.endswith(".py") and not is_test_module(u.path)]
    if len(code) < 2:
        return ""
    known = {u.label: best for u in code if (best := _best(u, findings))}
    first = min(code, key=lambda u: (known[u.label].rank if u.label in known else len(Proof), -risk(u), u.label))
    why = PROVED[known[first.label]] if first.label in known else ", ".join(_reasons(first, code))
    return f"Look first at {first.label}: {why}."


def _best(unit: Unit, findings: Sequence[Finding]) -> Proof | None:
    here = (f.proof for f in findings if unit.holds(f.location.path, f.location.start_line) and f.proof in PROVED)
    return min(here, key=lambda proof: proof.rank, default=None)


def _reasons(unit: Unit, among: Sequence[Unit]) -> Iterator[str]:
    yield f"by its changed lines, decisions and what it reaches the riskiest of {len(among)} changed pieces"
    if unit.base is None:
        yield "and it is new"
