"""What a change does to its tests: the head first, then, for what is red there, the head again and the base."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from ..review import CommandRun, Skipped
from .outcome import PASSED, Frame, Lines, TestOutcome, TestRun
from .runner import Bench, run_tests

WHAT = "tests"
HEAD_SHARE = 0.5
LEAST_SECONDS = 0.5
# A test that ends or hangs the process is repeated in a process of its own.
VIOLENT = frozenset({"timeout", "crashed"})


class _State(StrEnum):
    """What a side says of one test; UNKNOWN where it was not run, or not to its end."""

    PASS = "pass"  # noqa: S105 - a word of the reports, not a password
    FAIL = "fail"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class _Verdict(StrEnum):
    """What both sides together say of one test. The last three are reasons to leave it out, as a person reads them."""

    REGRESSION = "regression"
    NEW = "new"
    ALREADY_RED = "already red"
    FLAKY = "flaky"
    NOT_REPEATED = "failed once, and could not be run again on both sides in the time that was left"
    SLOW = "was running at the time limit, and passes when it is run alone"
    NOT_COMPARABLE = "failed, but is not on the base, and its file is not part of the change"


_UNKNOWN = re.compile(r"unrecognized arguments: (.*)")
LEFT_OUT = (_Verdict.NOT_REPEATED, _Verdict.SLOW, _Verdict.NOT_COMPARABLE)


@dataclass(frozen=True, slots=True)
class Failure:
    """One cause: equal failures (same exception at the same deepest line under review), proved by running both sides.

    `base` is "pass" or "absent"; `outcome` is the first of `node_ids` as it failed on the head; `frame` is the deepest
    line of its traceback in a changed file, or None; `executed` are the changed lines that it ran.
    """

    node_ids: tuple[str, ...]
    base: str
    outcome: TestOutcome
    frame: Frame | None
    executed: Lines

    @property
    def head(self) -> str:
        """The word for a `Reproducer`: fail, error or timeout."""
        return {"failed": "fail", "timeout": "timeout"}.get(self.outcome.outcome, "error")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The tests of a change on both sides. `base` is None where it did not need to run (nothing failed) or could not.

    `regressions` pass on the base and fail on the head; `new_failures` are tests of changed files that the base does
    not have; `collection_errors` are files (or, node id "", the whole run) that only the head cannot load;
    `already_red` fail on both sides; `flaky` gave both answers on one side.
    """

    head: TestRun
    base: TestRun | None = None
    regressions: tuple[Failure, ...] = ()
    new_failures: tuple[Failure, ...] = ()
    collection_errors: tuple[Failure, ...] = ()
    already_red: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    commands: tuple[CommandRun, ...] = ()


def compare(
    bench: Bench,
    base: Path,
    head: Path,
    targets: Sequence[str],
    changed: Mapping[str, Collection[int]],
    *,
    budget: float,
    renamed: Mapping[str, str] | None = None,
) -> Comparison:
    """Run `targets` on the snapshot folder `head`, and what fails there on `base` too, within about `budget` seconds.

    `changed` is {path on the head: its changed lines}; `renamed` is {path on the head: path on the base}. A failure is
    only reported when the head failed at least twice, the base passed (or has no such test), and no run said otherwise.
    """
    trial = _Trial(bench, targets, changed, renamed or {}, time.monotonic() + budget)
    first = trial.run(head, targets, trial.left() * HEAD_SHARE)
    suspects = {o.node_id: o for o in first.red} if first.usable else {}
    heads = [trial.again(head, suspects, rounds=4, trace=True)]
    steady = _only(suspects, heads[0], {_State.FAIL})
    bases = [trial.again(base, steady, rounds=3, on_base=True)]
    hopeful = _only(steady, bases[0], {_State.PASS, _State.ABSENT})
    heads.append(trial.again(head, hopeful, rounds=2))
    bases.append(trial.again(base, hopeful, rounds=1, on_base=True))
    verdicts = {
        n: _verdict(o, [h.state(n) for h in heads], [b.state(n) for b in bases], changed) for n, o in suspects.items()
    }
    return _comparison(first, heads[0], bases[0], verdicts, trial)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What one round on one side says of each test: `runs` has, by node id on the head, the run that was to tell."""

    runs: Mapping[str, TestRun]
    snapshot: Path
    renamed: Mapping[str, str]

    def state(self, node_id: str) -> _State:
        """Whether it passes here; a test that was skipped, or failed as expected, counts as absent."""
        here, run = translate(node_id, self.renamed), self.runs.get(node_id)
        if not (self.snapshot / here.partition("::")[0]).exists():
            return _State.ABSENT
        if run is None or not run.usable:
            return _State.UNKNOWN
        if outcome := self.outcome(node_id):
            return _State.FAIL if outcome.red else _State.PASS if outcome.outcome in PASSED else _State.ABSENT
        if run.cut_short:
            return _State.UNKNOWN
        return _State.ABSENT if "::" in here else _State.PASS

    def outcome(self, node_id: str) -> TestOutcome | None:
        """The test's outcome, or the error that kept its file, or everything, from being loaded."""
        here, run = translate(node_id, self.renamed), self.runs.get(node_id, TestRun())
        errors = {e.node_id: e for e in run.collection_errors}
        known = (errors.get(here), run.outcomes.get(here), errors.get(here.partition("::")[0]), errors.get(""))
        found = next((o for o in known if o), None)
        return replace(found, lines=found.lines or run.import_lines) if found else None


@dataclass(frozen=True, slots=True)
class _Trial:
    """One comparison: what is fixed for all of its runs, and the runs so far."""

    bench: Bench
    targets: Sequence[str]
    changed: Mapping[str, Collection[int]]
    renamed: Mapping[str, str]
    deadline: float
    runs: list[TestRun] = field(default_factory=list)

    def left(self) -> float:
        """Seconds of the budget."""
        return self.deadline - time.monotonic()

    def run(self, snapshot: Path, targets: Sequence[str], timeout: float, *, trace: bool = False) -> TestRun:
        """Run the targets and remember it."""
        lines = self.changed if trace else None
        run = run_tests(
            self.bench,
            snapshot,
            targets,
            timeout=timeout,
            changed=tuple(self.changed),
            trace=lines,
            hash_seed=len(self.runs),
        )
        self.runs.append(run)
        return run

    def again(
        self,
        snapshot: Path,
        suspects: Mapping[str, TestOutcome],
        *,
        rounds: int,
        trace: bool = False,
        on_base: bool = False,
    ) -> _Answers:
        """Run the suspects once more, on either side, in an equal share of the time that `rounds` more rounds have."""
        names = self.renamed if on_base else {}
        calm = [n for n, o in suspects.items() if o.outcome not in VIOLENT]
        groups = ([calm] if calm else []) + [[n] for n, o in suspects.items() if o.outcome in VIOLENT]
        runs: dict[str, TestRun] = {}
        for done, group in enumerate(groups):
            share = self.left() / rounds / (len(groups) - done)
            if share < LEAST_SECONDS:
                break
            wanted = self.targets if "" in group else [translate(n, names) for n in group]
            runs |= dict.fromkeys(group, self.run(snapshot, wanted, share, trace=trace))
        return _Answers(runs, snapshot, names)


def translate(node_id: str, names: Mapping[str, str]) -> str:
    """A node id with its file's path replaced by the one that `names` has for it."""
    path, mark, rest = node_id.partition("::")
    return names.get(path, path) + mark + rest


def _only(suspects: Mapping[str, TestOutcome], answers: _Answers, states: set[_State]) -> dict[str, TestOutcome]:
    return {n: o for n, o in suspects.items() if answers.state(n) in states}


def _verdict(
    first: TestOutcome, heads: Sequence[_State], bases: Sequence[_State], changed: Collection[str]
) -> _Verdict:
    """Weigh every answer; the second of each side may be unknown, but must not contradict."""
    if heads[0] not in {_State.FAIL, _State.UNKNOWN}:
        return _Verdict.SLOW if first.outcome == "timeout" else _Verdict.FLAKY
    if _State.UNKNOWN in {heads[0], bases[0]}:
        return _Verdict.NOT_REPEATED
    if bases[0] is _State.FAIL:
        return _Verdict.ALREADY_RED
    if heads[1] not in {_State.FAIL, _State.UNKNOWN} or bases[1] not in {bases[0], _State.UNKNOWN}:
        return _Verdict.FLAKY
    if bases[0] is _State.PASS:
        return _Verdict.REGRESSION
    return _Verdict.NEW if first.node_id.partition("::")[0] in changed else _Verdict.NOT_COMPARABLE


def _comparison(
    first: TestRun, again: _Answers, base: _Answers, verdicts: Mapping[str, _Verdict], trial: _Trial
) -> Comparison:
    def of(*wanted: _Verdict) -> tuple[str, ...]:
        return tuple(n for n, v in verdicts.items() if v in wanted)

    loading = {e.node_id for e in first.collection_errors}
    failures = [
        _failure(node_id, verdicts[node_id], again.outcome(node_id), trial.changed)
        for node_id in of(_Verdict.REGRESSION, _Verdict.NEW)
    ]
    tests = [f for f in failures if f.node_ids[0] not in loading]
    left_out = [Skipped(f"test {n}", verdicts[n].value) for n in of(*LEFT_OUT)]
    return Comparison(
        first,
        next(iter(base.runs.values()), None),
        folded(f for f in tests if f.base == _State.PASS),
        folded(f for f in tests if f.base == _State.ABSENT),
        folded(f for f in failures if f.node_ids[0] in loading),
        of(_Verdict.ALREADY_RED),
        of(_Verdict.FLAKY),
        (*_left_open(first), *left_out),
        tuple(r.command for r in trial.runs if r.command),
    )


def _failure(
    node_id: str, verdict: _Verdict, outcome: TestOutcome | None, changed: Mapping[str, Collection[int]]
) -> Failure:
    base = _State.ABSENT if verdict is _Verdict.NEW else _State.PASS
    found = outcome or TestOutcome(node_id, "error")
    own = node_id.partition("::")[0]
    frames = [f for f in found.frames if f.path in changed]
    # The line of the test itself says less than the line of the code that it called.
    called = [f for f in frames if f.path != own] or frames
    return Failure((node_id,), str(base), found, called[-1] if called else None, found.lines)


def folded(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """One failure for each cause, with the node ids of all that share it."""
    causes: dict[tuple[str, str, Frame | None], list[Failure]] = {}
    for failure in failures:
        inside = [f for f in failure.outcome.frames if f.inside]
        # Without a traceback (a hang, a crash) nothing says that two have the same cause.
        alone = "" if inside else failure.node_ids[0]
        cause = (failure.outcome.exception, alone, inside[-1] if inside else None)
        causes.setdefault(cause, []).append(failure)
    return tuple(replace(same[0], node_ids=tuple(n for f in same for n in f.node_ids)) for same in causes.values())


def _left_open(run: TestRun) -> Iterator[Skipped]:
    """What the first run of the head does not answer."""
    for error in run.collection_errors:
        if error.phase == "start":
            yield Skipped(WHAT, f"pytest could not start: {_reason(error.text)}")
            return
    if not run.trusted:
        yield Skipped(WHAT, run.reason)
    if run.cut_short and run.not_run:
        yield Skipped(WHAT, f"{len(run.not_run)} tests did not run, {run.not_run[0]} the first")


def _reason(text: str) -> str:
    """Why pytest could not start, in its last words; options that it has no plugin for by their names."""
    said = text.strip().splitlines() or ["it said nothing"]
    unknown = next((found for line in said if (found := _UNKNOWN.search(line))), None)
    if unknown is None:
        return said[-1].strip()
    names = dict.fromkeys(word.partition("=")[0] for word in unknown[1].split() if word.startswith("-"))
    return f"the project's settings give it {', '.join(names)}, for which this environment has no plugin"
