"""The touched tests, run on head and base in copies of the trees, and what they prove, as findings."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..change.change import Change, FileChange, Unit
from ..change.git import Repository
from ..change.snapshot import carry, export
from ..draft import Draft
from ..evidence.testfiles import is_test_module, patterns_from
from ..evidence.touched_tests import select
from ..finding import Category, Finding, Location, Proof, Reproducer, Severity, Side
from ..review import Skipped, TestReport
from ..sandbox.choice import choose, layered
from ..settings import Settings
from .canary import Canary, Flight, release
from .compare import Comparison, Failure, compare
from .configuration import base_version, edited, notes
from .gaps import environment_gap, module_names
from .hearing import Hearing, hear
from .inplace import put
from .interpreter import find
from .outcome import TestRun
from .runner import Bench

OUTPUT_LIMIT = 1500
LEAST_LIMIT, PATIENCE = 10.0, 4.0
MESSAGE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Workshop:
    """What fixes are tried with: the bench, the head as files (a throw-away copy), the targets and the comparison.

    `failures` are the proved failures by the command of their finding's reproducer. `doubt` says why no green of these
    tests may be believed, or is "".
    """

    bench: Bench
    head: Path
    targets: tuple[str, ...]
    comparison: Comparison
    failures: Mapping[str, Failure]
    timeout: float
    deadline: float | None = None
    doubt: str = ""

    @property
    def limit(self) -> float:
        """Seconds for one run with a fix: some times what the tests took, so that a fix that hangs costs little.

        Never more than `timeout` (the setting), nor than what is left until `deadline` (a monotonic time).
        """
        runs = (self.comparison.head, self.comparison.base)
        took = [run.command.seconds for run in runs if run and run.command and not run.timed_out]
        limits = [self.timeout, LEAST_LIMIT + PATIENCE * max(took)] if took else [self.timeout]
        left = [] if self.deadline is None else [max(1.0, self.deadline - time.monotonic())]
        return min(limits + left)


def run_touched(
    repo: Repository,
    change: Change,
    units: tuple[Unit, ...],
    configs: Mapping[str, str],
    settings: Settings,
    scratch: Path,
    draft: Draft,
) -> Workshop | None:
    """Run the tests that the change touches and add what they prove to the draft.

    None when nothing could be run; the draft then says why. Raises SandboxError when the walls that are required
    cannot be had.
    """
    patterns = patterns_from(configs)
    head, kept = scratch / "head", layered(settings.sandbox)
    draft.skip(export(repo, change.head, head, kept=kept))
    configuration = edited(repo, change)
    draft.findings += notes(configuration)
    selection = select(change, head, patterns)
    draft.skip(selection.skipped)
    draft.ran(selection.commands)
    if not selection.targets:
        return None
    bench = make_bench(change, settings, scratch, draft)
    if bench is None:
        return None
    base = scratch / "base"
    export(repo, change.base, base, kept=kept)
    carry(repo, (base, head))
    changed = {f.path: f.changed_head_lines for f in change.files if f.is_python and f.head_blob}
    renamed = {f.path: f.base_path for f in change.files if f.path != f.base_path}
    judge = partial(compare, bench, base, head, selection.targets, changed, renamed=renamed)
    comparison = judge(budget=min(settings.test_timeout, draft.left))
    files = base_version(configuration, repo.read)
    if files and _unbelievable(comparison.head):
        comparison = _by_the_base(
            comparison, head, files, partial(judge, budget=min(settings.test_timeout, draft.left))
        )
        files = {}
    own = module_names(path for tree in (change.base, change.head) for _, _, path in repo.list_tree(tree))
    failures = _report(comparison, change, units, patterns, selection.targets, own, draft)
    limits = (settings.test_timeout, draft.deadline)
    workshop = Workshop(bench, head, selection.targets, comparison, failures, *limits)
    flight = Flight(bench, base, head, selection.targets, comparison.head)
    canary = release(flight, change, repo.read, patterns, workshop.limit)
    heard = hear(flight, files, workshop.limit, renamed) if files else Hearing()
    return replace(workshop, doubt=_doubt(canary, heard, draft))


def _doubt(canary: Canary, heard: Hearing, draft: Draft) -> str:
    """Why no green of these tests may be believed, or ""; what was run to find out is noted."""
    draft.tests = replace(draft.tests, canary=canary.status)
    for part in (canary, heard):
        draft.skip(part.skipped)
        draft.ran(part.commands)
    return canary.doubt or heard.doubt


def _unbelievable(run: TestRun) -> bool:
    """Not even what is red in it can be believed, or pytest ended before the first test."""
    return not run.usable or (run.cut_short and not run.timed_out and not run.red and not run.outcomes)


def _by_the_base(
    own: Comparison, head: Path, files: Mapping[str, bytes | None], judge: Callable[[], Comparison]
) -> Comparison:
    """Where the change's own configuration makes its tests unbelievable, the base's takes its place from here on.

    Only tests that passed before count then: new ones may need what is no longer there.
    """
    put(head, files)
    judged = judge()
    return replace(
        judged,
        new_failures=(),
        collection_errors=(),
        skipped=(*own.skipped, *judged.skipped),
        commands=(*own.commands, *judged.commands),
    )


def make_bench(change: Change, settings: Settings, scratch: Path, draft: Draft) -> Bench | None:
    """Where tests are run; None when no interpreter can run them, which the draft then says."""
    root = Path(change.root)
    interpreter = find(root, settings.python or None)
    if isinstance(interpreter, Skipped):
        draft.skip([interpreter])
        return None
    sandbox = choose(settings.sandbox, root, interpreter.prefixes)
    draft.interpreter, draft.isolation = str(interpreter), sandbox.isolation
    folder = scratch / "runs"
    folder.mkdir(exist_ok=True)
    return Bench(sandbox, interpreter, root, folder)


def _report(
    comparison: Comparison,
    change: Change,
    units: tuple[Unit, ...],
    patterns: tuple[str, ...],
    targets: tuple[str, ...],
    own: frozenset[str],
    draft: Draft,
) -> dict[str, Failure]:
    draft.ran(comparison.commands)
    draft.skip(comparison.skipped)
    base = comparison.base.counts if comparison.base else None
    draft.tests = TestReport(targets, base, comparison.head.counts)
    failures: dict[str, Failure] = {}
    gaps: dict[str, list[str]] = {}
    for failure in (*comparison.collection_errors, *comparison.regressions, *comparison.new_failures):
        if gap := environment_gap(failure, own):
            gaps.setdefault(gap, []).extend(failure.node_ids)
            continue
        finding = _finding(failure, change, units, patterns)
        failures[command_of(failure)] = failure
        draft.findings.append(finding)
    draft.skip(Skipped(n, "flaky: it passed and failed on the same code", harmless=True) for n in comparison.flaky)
    draft.skip(_not_proved(comparison, gaps))
    return failures


def _not_proved(comparison: Comparison, gaps: Mapping[str, Sequence[str]]) -> Iterator[Skipped]:
    """What failed and says nothing of the change, each reason once."""
    for gap, names in gaps.items():
        yield Skipped(_named(names), f"{gap}: install it, or name another --python")
    if red := comparison.already_red:
        hopeless = comparison.head.counts.passed == 0
        reason = f"failed before the change too{_hopeless(comparison) if hopeless else ''}"
        yield Skipped(_named(red), reason, harmless=not hopeless)


def _hopeless(comparison: Comparison) -> str:
    """What stands in the way where no touched test passes at all."""
    first = next(iter(comparison.head.red), None)
    said = f" ({first.exception}: {first.message.splitlines()[0][:MESSAGE_LIMIT]})" if first and first.message else ""
    missing = first is not None and first.exception in {"ModuleNotFoundError", "ImportError"}
    ask = "is the project installed (pip install -e .)" if missing else "does the project need a build or a service"
    return f"{said}; no touched test passes, so nothing was proved: {ask}?"


def _named(names: Sequence[str]) -> str:
    return f"test {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _finding(failure: Failure, change: Change, units: tuple[Unit, ...], patterns: tuple[str, ...]) -> Finding:
    path, line = _place(failure, change, patterns)
    unit = unit_at(units, path, line)
    quote = unit.head.text.split("\n")[line - unit.head.start] if unit and unit.head else ""
    return Finding(
        rule_id=_rule(failure),
        category=Category.BUG,
        severity=Severity.ERROR,
        proof=Proof.REPRODUCED,
        location=Location(path, line, line, _side(change, path)),
        quote=quote,
        message=message_of(failure),
        sources=("tests",),
        unit=unit.name if unit else "",
        reproducer=Reproducer(
            code="",
            command=command_of(failure),
            base=failure.base,
            head=failure.head,
            output=failure.outcome.text[-OUTPUT_LIMIT:],
        ),
    )


def unit_at(units: Iterable[Unit], path: str, line: int) -> Unit | None:
    """The unit that holds a line of the head."""
    return next((u for u in units if u.holds(path, line)), None)


def command_of(failure: Failure) -> str:
    """What a person types to see it."""
    return f"python -m pytest {shlex.quote(failure.node_ids[0])}" if failure.node_ids[0] else "python -m pytest"


def _rule(failure: Failure) -> str:
    if failure.outcome.phase in {"collect", "start"}:
        return "bug/tests-do-not-load"
    return "bug/test-regression" if failure.base == "pass" else "bug/new-test-fails"


def _side(change: Change, path: str) -> Side:
    """The head, but for a file that it does not have."""
    file = change.file(path)
    return Side.BASE if file and not file.head_blob else Side.HEAD


def message_of(failure: Failure) -> str:
    """What fails, in one line."""
    first, others = failure.node_ids[0], len(failure.node_ids) - 1
    more = f" and {others} more" if others else ""
    what = f"{failure.outcome.exception}: {failure.outcome.message}".strip(": ").split("\n")[0][:MESSAGE_LIMIT]
    before = "passed before the change" if failure.base == "pass" else "comes with the change"
    if failure.outcome.phase in {"collect", "start"}:
        return f"{first or 'pytest'} can no longer be loaded: {what}"
    return f"{first}{more} {before} and fails with it: {what}"


def _place(failure: Failure, change: Change, patterns: tuple[str, ...]) -> tuple[str, int]:
    """The changed line that the failure points at: where it was raised, else one that it ran; code before tests."""
    files = {f.path: f for f in change.files if f.is_python and f.head_blob}
    product = {path: file for path, file in files.items() if not is_test_module(path, patterns)}
    for among in (product, files):
        if place := _pointed_at(failure, among):
            return place
    return _first_changed(product.values() or [f for f in change.files if f.hunks] or change.files)


def _pointed_at(failure: Failure, files: Mapping[str, FileChange]) -> tuple[str, int] | None:
    frame = failure.frame
    if frame and frame.path in files and frame.line in files[frame.path].changed_head_lines:
        return frame.path, frame.line
    ran = [(path, line) for path, lines in failure.executed.items() if path in files for line in sorted(lines)]
    if frame and frame.path in files:
        ran.sort(key=lambda place: (place[0] != frame.path, abs(place[1] - frame.line)))
    return ran[0] if ran else None


def _first_changed(files: Iterable[FileChange]) -> tuple[str, int]:
    file = next(iter(files))
    return file.path, min(file.changed_head_lines, default=1)
