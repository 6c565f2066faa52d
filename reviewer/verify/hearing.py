"""The head's tests under the base's configuration: what only passes with the change's own is not believed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ..review import CommandRun, Skipped
from .canary import Flight
from .compare import translate
from .inplace import replaced
from .outcome import PASSED, TestOutcome, TestRun
from .runner import run_tests

WHAT = "tests"
HIDDEN = "it does not fail with the change's own pytest configuration; with the base's it passed before and fails now"
NEEDS = "runs only with the pytest configuration that the change brings"


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the base's configuration says of the head. `doubt`: why no green may be believed, or ""."""

    doubt: str = ""
    skipped: tuple[Skipped, ...] = ()
    commands: tuple[CommandRun, ...] = ()


def hear(flight: Flight, files: Mapping[str, bytes | None], limit: float, renamed: Mapping[str, str]) -> Hearing:
    """Run the tests on the head under the base's configuration (`files`) and compare with the head's own run.

    What fails there alone, twice, and passed on the base is never a finding, since it may need the change's fixtures;
    but its green is not believed. `renamed` is {path on the head: path on the base}; `limit` seconds are for one run.
    """
    bench, base, head, targets, own = flight.bench, flight.base, flight.head, flight.targets, flight.green
    with replaced(head, files):
        runs = [run_tests(bench, head, targets, timeout=limit)]
        wrong = _only_there(runs[0], own)
        if wrong:
            runs.append(run_tests(bench, head, _to_run(wrong, targets), timeout=limit, hash_seed=1))
            wrong = {n: o for n, o in wrong.items() if _still(n, runs[1])}
    old = {n: translate(n, renamed) for n in wrong}
    if wrong:
        runs.append(run_tests(bench, base, _to_run(tuple(old.values()), targets), timeout=limit))
    hidden = [n for n in wrong if _passed(old[n], runs[-1], own)]
    commands = tuple(r.command for r in runs if r.command)
    said = [Skipped(_named(hidden), f"untrusted: {HIDDEN}{_reason(wrong[hidden[0]])}")] if hidden else []
    said += [Skipped(_named(rest), NEEDS, harmless=True)] if (rest := [n for n in wrong if n not in hidden]) else []
    if not (runs[0].trusted or runs[0].cut_short or own.reason):
        said.append(Skipped(WHAT, f"under the base's pytest configuration: {runs[0].reason}"))
    return Hearing(HIDDEN if hidden else "", tuple(said), commands)


def _only_there(judged: TestRun, own: TestRun) -> dict[str, TestOutcome]:
    red = {o.node_id for o in own.red}
    return {o.node_id: o for o in judged.red if o.node_id not in red}


def _to_run(wrong: Collection[str], targets: Sequence[str]) -> Sequence[str]:
    return targets if "" in wrong else tuple(wrong)


def _still(node_id: str, run: TestRun) -> bool:
    return any(o.node_id in {node_id, node_id.partition("::")[0], ""} for o in run.red)


def _passed(node_id: str, base: TestRun, own: TestRun) -> bool:
    """The test passed on the base; or some of a file, or of the run, did, that only the head's own means can load."""
    if "::" in node_id:
        return node_id in base.outcomes and base.outcomes[node_id].outcome in PASSED
    loaded = any(o.outcome in PASSED and n.startswith(node_id) for n, o in base.outcomes.items())
    return loaded and own.counts.passed > 0


def _named(names: Sequence[str]) -> str:
    first = f"test {names[0]}" if names[0] else "all tests"
    return first + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _reason(outcome: TestOutcome) -> str:
    said = f"{outcome.exception}: {outcome.message}".strip(": ").split("\n")[0][:200]
    return f" ({said})" if said else ""
