"""What fails, or what a tool reports, told from what was run: as values that fixes are tried for."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from ..change.change import Unit
from ..draft import Draft
from ..errors import ToolError, UsageError
from ..finding import Category, Finding, Location, Proof, Reproducer, Severity
from ..verify.compare import Failure
from ..verify.outcome import PASSED, TestOutcome, TestRun
from ..verify.suspects import Suspect
from ..verify.touched import MESSAGE_LIMIT, OUTPUT_LIMIT, command_of
from .asked import Asked


def red_of(run: TestRun, nodes: Sequence[str], asked: Asked) -> list[TestOutcome]:
    """What is red of what was asked for. Raises UsageError where nothing is, ToolError where nothing can be said."""
    if not run.usable:
        raise ToolError(f"the tests cannot be run: {run.reason}", "llm-review doctor says what is missing")
    found = {n: _matching(run, n) for n in nodes}
    if lost := [n for n, outcomes in found.items() if not outcomes and "::" in n]:
        near = difflib.get_close_matches(lost[0], run.collected, 1)
        raise UsageError(f"no such test: {lost[0]}", f"did you mean {near[0]}?" if near else "")
    red = {o.node_id: o for outcomes in found.values() for o in outcomes if o.red}
    if red:
        return list(red.values())
    if asked.said:
        raise UsageError(f"the script was run and does not end with {asked.said!r}", "name a failing test with --test")
    every = [o for outcomes in found.values() for o in outcomes]
    if asked.path and not asked.tests:
        number = sum(o.outcome in PASSED for o in every)
        raise UsageError(f"no test of {asked.path} fails ({number} pass)", "name a finding to mend: --rule B602")
    word = "passes already" if any(o.outcome in PASSED for o in every) else "was skipped"
    raise UsageError(
        f"{nodes[0]} {word}", "there is nothing to mend: is the file saved, and the test the one you mean?"
    )


def _matching(run: TestRun, node_id: str) -> list[TestOutcome]:
    """The outcomes of a test, of its parameters or of what lies in it; the error that keeps its file from loading."""
    broken = [o for o in run.collection_errors if o.node_id in {node_id.partition("::")[0], ""}]
    inside = (f"{node_id}::", f"{node_id}[")
    return broken or [o for n, o in run.outcomes.items() if n == node_id or n.startswith(inside)]


def no_bench(draft: Draft) -> tuple[str, str]:
    """Why no tests can be run, and what to do."""
    reasons = [s.reason for s in draft.notes if s.what == "tests"]
    return f"tests cannot be run: {reasons[0] if reasons else 'no Python was found'}", "llm-review doctor says more"


def is_named(unit: Unit, name: str) -> bool:
    """Whether it is, or lies in, the definition of that name; "" is any."""
    return not name or unit.name == name or unit.name.startswith(f"{name}.")


def finding_of(failure: Failure, suspect: Suspect | None, asked: Asked) -> Finding:
    """The failure at the suspect's line, or where its test stands."""
    outcome, first = failure.outcome, failure.node_ids[0]
    place = (suspect.unit.path, suspect.line) if suspect else (first.partition("::")[0], 1)
    head = suspect.unit.head if suspect else None
    more = f" and {len(failure.node_ids) - 1} more" if len(failure.node_ids) > 1 else ""
    what = f"{outcome.exception}: {outcome.message}".strip(": ").split("\n")[0][:MESSAGE_LIMIT]
    code = next((data.decode() for data in asked.extra.values() if data), "")
    return Finding(
        rule_id="bug/test-fails",
        category=Category.BUG,
        severity=Severity.ERROR,
        proof=Proof.REPRODUCED,
        location=Location(place[0], place[1], place[1]),
        quote=head.text.split("\n")[place[1] - head.start] if head else "",
        message=f"{first}{more} fails: {what}",
        sources=("tests",),
        unit=suspect.unit.name if suspect else "",
        reproducer=Reproducer(code, command_of(failure), "absent", failure.head, outcome.text[-OUTPUT_LIMIT:]),
    )


def of_rule(found: Sequence[Finding], asked: Asked) -> list[Finding]:
    """The findings that a rule or an id names, within the definition that was named. Raises UsageError for none."""
    inside = [f for f in found if f.proof is Proof.TOOL and _within(f, asked.name)]
    chosen = [f for f in inside if _is_rule(f, asked.rule)]
    if not chosen:
        known = ", ".join(dict.fromkeys(f.rule_id for f in inside))
        raise UsageError(f"no tool reports {asked.rule} in {asked.path}", f"there are: {known}" if known else "")
    return chosen


def _within(finding: Finding, name: str) -> bool:
    return not name or finding.unit == name or finding.unit.startswith(f"{name}.")


def _is_rule(finding: Finding, word: str) -> bool:
    """A rule by its whole name or its code (bandit's B602 is ruff's S602), or a finding by its id."""
    code = finding.rule_id.rpartition("/")[2]
    same = code[:1] in {"B", "S"} and word[:1] in {"B", "S"} and code[1:] == word[1:]
    return word in {finding.rule_id, code} or same or (len(word) > 3 and finding.fingerprint.startswith(word))
