"""The tests on a fixed tree: what the fix repaired, what it left red, what it broke."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..finding import Counts
from .runner import PASSED, Bench, TestRun, run_tests


@dataclass(frozen=True, slots=True)
class FixCheck:
    """The tests on a fixed tree against the same on the head. `doubt` says why the run cannot be believed, or "".

    `fixed` were red and pass now, `still_red` are red as before, `newly_red` passed and do not any more (or are gone).
    """

    before: Counts
    after: Counts
    fixed: tuple[str, ...]
    still_red: tuple[str, ...]
    newly_red: tuple[str, ...]
    run: TestRun
    doubt: str = ""


def check_fix(
    bench: Bench,
    fixed: Path,
    before: TestRun,
    targets: Sequence[str],
    *,
    timeout: float,
    changed: Collection[str] = (),
    ignore: Collection[str] = (),
) -> FixCheck:
    """Run `targets` and whatever was red in `before` (the head's run) on the snapshot folder `fixed`.

    `ignore` are node ids that prove nothing (flaky ones).
    """
    wanted = _whole_files_first((*targets, *(o.node_id for o in before.red if o.node_id)))
    after = run_tests(bench, fixed, wanted, timeout=timeout, changed=changed)
    was_red = {o.node_id for o in before.red} - set(ignore)
    now_red = {o.node_id for o in after.red}
    greens = {n for n, o in before.outcomes.items() if o.outcome in PASSED} - set(ignore)
    lost = {n for n in greens if n not in after.outcomes or after.outcomes[n].outcome not in PASSED}
    repaired = {n for n in was_red - now_red if _passes(after, n)}
    return FixCheck(
        before.counts,
        after.counts,
        tuple(sorted(repaired)),
        tuple(sorted(was_red - repaired)),
        tuple(sorted(lost | (now_red - was_red - set(ignore)))),
        after,
        after.reason,
    )


def _passes(run: TestRun, node_id: str) -> bool:
    """The test passed, or the file that could not be loaded is loaded now."""
    outcome = run.outcomes.get(node_id)
    return outcome.outcome in PASSED if outcome else "::" not in node_id and run.trusted


def _whole_files_first(targets: Iterable[str]) -> tuple[str, ...]:
    """The targets without the node ids of files that are run as a whole."""
    ordered = tuple(dict.fromkeys(targets))
    whole = {t for t in ordered if "::" not in t}
    return tuple(t for t in ordered if t in whole or t.partition("::")[0] not in whole)
