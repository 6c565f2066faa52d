"""The canary: what changed is made to raise, and the tests must then fail. A green that survives it proves nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..change.change import Change, FileChange
from ..evidence.testfiles import is_test_module
from ..review import CommandRun, Skipped
from .inplace import replaced
from .outcome import TestOutcome, TestRun
from .patch import same_code
from .runner import Bench, run_tests
from .traps import Place, armed, named, places, statement

CAUGHT, MISSED, NOT_RUN = "caught", "missed", "not_run"
WHAT = "tests"
UNSEEN = "no test runs this code"
SWALLOWED = "the tests run the changed code and stay green when it is made to raise"
HIDDEN = "on the base the tests fail when this code is made to raise, on the head they do not"

Read = Callable[[str], bytes]
Traps = Mapping[int, tuple[str, Place]]


@dataclass(frozen=True, slots=True)
class Canary:
    """`status` is caught, missed or not_run. `doubt` says why no green of these tests may be believed, or is "".

    `skipped` names what changed and no test runs; `commands` is what it cost.
    """

    status: str = NOT_RUN
    doubt: str = ""
    skipped: tuple[Skipped, ...] = ()
    commands: tuple[CommandRun, ...] = ()


@dataclass(frozen=True, slots=True)
class Flight:
    """What the canary flies with: the bench, both trees as files (throw-away copies), the tests, the head's own run."""

    bench: Bench
    base: Path
    head: Path
    targets: Sequence[str]
    green: TestRun
    runs: list[TestRun] = field(default_factory=list)

    def fly(self, tree: Path, traps: Traps, limit: float, *, raising: bool = True) -> tuple[TestRun, bool]:
        """Run the tests with the traps set in a tree; whether one fell into a trap."""
        mark = f"Canary{secrets.token_hex(6)}"
        texts: dict[str, dict[Place, str]] = {}
        for number, (path, place) in traps.items():
            texts.setdefault(path, {})[place] = statement(mark, number, raising=raising)
        files: dict[str, bytes | None] = {path: _armed(tree / path, texts[path]) for path in texts}
        with replaced(tree, files):
            run = run_tests(self.bench, tree, self.targets, timeout=limit, canary=(mark, len(traps)))
        self.runs.append(run)
        return run, any(mark in o.exception + o.text or (self.fresh(o) and _reached(o, run)) for o in run.red)

    def fresh(self, outcome: TestOutcome) -> bool:
        """Whether what is red was not red before."""
        return all(outcome.node_id != o.node_id for o in self.green.red)

    def end(self, status: str, doubt: str = "", skipped: Sequence[Skipped] = ()) -> Canary:
        """The canary with what it cost."""
        return Canary(status, doubt, tuple(skipped), tuple(r.command for r in self.runs if r.command))


def release(flight: Flight, change: Change, read: Read, patterns: tuple[str, ...], limit: float) -> Canary:
    """Make every changed function raise (every changed statement outside of any, where no function changed) and look.

    One run where all goes well, ended as soon as each function was reached and a test failed of it. What was not
    reached is looked at again without raising, since what raised first may have hidden it. Where nothing is caught the
    base decides: a canary that its tests catch and the head's do not was hidden by the change. `limit` is for one run,
    in seconds.
    """
    files = {f.path: f for f in change.files if _is_code(f, patterns) and not _same(f, read)}
    traps = _traps({path: places(_text(read, f.head_blob), f.changed_head_lines) for path, f in files.items()})
    if not traps or not flight.green.trusted or not flight.green.counts.passed:
        return flight.end(NOT_RUN)
    run, caught = flight.fly(flight.head, traps, limit)
    if not caught and _elsewhere(flight, run, traps, limit):
        return flight.end(CAUGHT)
    if not caught:
        return _missed(flight, run, traps, _on_base(files, traps, read), limit)
    seen = run.hits
    if hidden := {n: trap for n, trap in traps.items() if n not in seen}:
        seen = seen | flight.fly(flight.head, hidden, limit, raising=False)[0].hits
    return flight.end(CAUGHT, skipped=_unseen(traps, seen))


def _reached(outcome: TestOutcome, run: TestRun) -> bool:
    return bool(outcome.hits) or (outcome.phase == "start" and bool(run.hits))


def _elsewhere(flight: Flight, run: TestRun, traps: Traps, limit: float) -> bool:
    """Whether tests failed that run no trap in their own process, and pass where nothing is raised."""
    strays = {o.node_id for o in run.red if flight.fresh(o)}
    calm = flight.fly(flight.head, traps, limit, raising=False)[0] if strays else run
    return any(n in calm.outcomes and not calm.outcomes[n].red for n in strays)


def _missed(flight: Flight, run: TestRun, traps: Traps, on_base: Traps, limit: float) -> Canary:
    if run.timed_out:
        return flight.end(NOT_RUN, skipped=[Skipped("canary", "the time limit came first", harmless=True)])
    if on_base and flight.fly(flight.base, on_base, limit)[1]:
        return flight.end(MISSED, HIDDEN, [Skipped(WHAT, f"untrusted: {HIDDEN}")])
    if not run.hits:
        return flight.end(MISSED, skipped=_unseen(traps, run.hits))
    if on_base:  # the base's tests do not notice either: nothing was hidden, and nothing is proved
        return flight.end(MISSED, SWALLOWED, [Skipped(WHAT, SWALLOWED, harmless=True)])
    return flight.end(MISSED, SWALLOWED, [Skipped(WHAT, f"untrusted: {SWALLOWED}")])


def _unseen(traps: Traps, seen: Collection[int]) -> list[Skipped]:
    missed = [trap for number, trap in traps.items() if number not in seen]
    return [Skipped(f"{path}::{p.name}" if p.name else f"{path}:{p.line}", UNSEEN, True) for path, p in missed]


def _traps(found: Mapping[str, Sequence[Place]]) -> dict[int, tuple[str, Place]]:
    """Numbered; functions alone where there are any, since a module that raises hides all of its functions."""
    every = [(path, place) for path, some in found.items() for place in some]
    return dict(enumerate([trap for trap in every if trap[1].name] or every))


def _on_base(files: Mapping[str, FileChange], traps: Traps, read: Read) -> Traps:
    """The same functions as they are on the base, those that it has."""
    names = {path: {place.name for p, place in traps.values() if p == path} - {""} for path in files}
    old = {f.base_path: named(_text(read, f.base_blob), names[path]) for path, f in files.items() if f.base_blob}
    return _traps(old)


def _is_code(file: FileChange, patterns: tuple[str, ...]) -> bool:
    """Code of the head that tests are for, and not the tests or what configures them."""
    code = file.is_python and file.path.endswith(".py") and file.head_blob and not file.path.endswith("conftest.py")
    return bool(code) and not is_test_module(file.path, patterns)


def _same(file: FileChange, read: Read) -> bool:
    return bool(file.base_blob) and same_code(_text(read, file.base_blob), _text(read, file.head_blob))


def _text(read: Read, blob: str) -> str:
    return read(blob).decode("utf-8", "surrogateescape")


def _armed(path: Path, statements: Mapping[Place, str]) -> bytes:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    return armed(text, statements).encode("utf-8", "surrogateescape")
