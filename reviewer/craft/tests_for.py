"""A missing test, written by the model: it holds for the code as it stands, and fails where that is broken."""

from __future__ import annotations

import ast
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..behaviour.calls import module_name
from ..change.change import Unit
from ..errors import ModelError, ToolError, UsageError
from ..evidence.testfiles import is_test_module, patterns_from
from ..tasks.fix import FUNCTIONS
from ..tasks.session import Session
from ..tasks.testing import tests_for
from ..verify.inplace import replaced
from ..verify.mutants import Mutant, bare, mutants
from ..verify.outcome import PASSED, TestOutcome, TestRun
from ..verify.standing import Standing
from ..verify.traps import armed, named, statement
from .polish import tidy
from .trying import Tests, read

ROUNDS = 8
CONTEXT = 1_500
HINT = "take more samples (-n 8) or a larger model"
LEAST, PATIENCE = 10.0, 4.0


@dataclass(frozen=True, slots=True)
class Tested:
    """A test module for a unit, which passes twice as the unit stands and fails when it is made to raise.

    `path` is where the project keeps such a test. Of `mutants` (the unit broken in one small way each) it notices
    `killed`; `survivors` says which it does not. `dropped` are the assertions of the model that do not hold. Of
    `samples` that were drawn `usable` were left. `already`: tests of the project that ran the unit before.
    """

    name: str
    path: str
    code: str
    tests: int
    assertions: int
    dropped: tuple[str, ...]
    mutants: int
    killed: int
    survivors: tuple[str, ...]
    samples: int
    usable: int
    already: int


def write_tests(
    stand: Standing,
    path: str,
    name: str,
    session: Callable[[], Session],
    number: int,
    stage: Callable[[str], None],
) -> Tested:
    """Write the test for a function or method of a file.

    Raises UsageError where there is no such function, ToolError where no tests can be run, and ModelError where no
    test that the model wrote holds and notices that the unit is broken.
    """
    unit = _unit(stand, path, name)
    if stand.bench is None:
        raise ToolError("tests cannot be run", "llm-review doctor says what is missing")
    stage("the tests that there are")
    already = _already(stand, unit)
    imported, place = _imported(stand, unit), home(stand, path, name)
    stage(f"writing tests, {number} times")
    replies = tests_for(session(), unit.head.text if unit.head else "", imported, _context(stand, unit), number)
    drafts = [read(reply, imported, stand.own) for reply in replies]
    bed = _Bed(stand, unit, place, stage)
    steady = bed.steady([d for d in drafts if d])
    if not steady:
        raise ModelError(f"no test that the model wrote for {name} holds and notices when it is broken", HINT)
    return bed.best(steady, len(drafts), already)


def _unit(stand: Standing, path: str, name: str) -> Unit:
    units = {u.name: u for u in stand.units(path) if u.kind in FUNCTIONS}
    if not name:
        raise UsageError("one function is needed", f"llm-review generate --test-for {path}::NAME")
    if name not in units:
        raise UsageError(f"{path} has no function {name}", f"it has: {', '.join(units) or 'none'}")
    return units[name]


def _already(stand: Standing, unit: Unit) -> int:
    """How many passing tests run the body."""
    run = stand.run(stand.tests_of(unit.path), traced=[unit.path])
    first = (unit.head.start if unit.head else 0) + 1
    end = unit.head.end if unit.head else 0
    lines = [o.lines.get(unit.path, ()) for o in run.outcomes.values() if o.outcome in PASSED]
    return sum(any(first <= n <= end for n in some) for some in lines)


def _imported(stand: Standing, unit: Unit) -> str:
    module, _ = module_name(stand.head, unit.path)
    return f"from {module} import {unit.name.partition('.')[0]}"


def _context(stand: Standing, unit: Unit) -> str:
    """The head of a method's class and how it is made."""
    outer = unit.name.rpartition(".")[0]
    for node in ast.walk(ast.parse(stand.text(unit.path))) if outer else ():
        if isinstance(node, ast.ClassDef) and node.name == outer.rpartition(".")[2]:
            made = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
            return ast.unparse(bare(node, [*made] or [ast.Pass()]))[:CONTEXT]
    return ""


def home(stand: Standing, path: str, name: str) -> str:
    """Where the project would keep the test: beside the nearest tests, or those that there are, else in `tests`."""
    patterns = patterns_from(stand.configs)
    every = sorted(p for p in stand.files if is_test_module(p, patterns))
    near = stand.tests_of(path) or every
    folder = PurePosixPath(near[0]).parent if near else PurePosixPath("tests")
    stem = PurePosixPath(path).stem.strip("_") or "module"
    return (folder / f"test_{stem}_{name.replace('.', '_').strip('_').lower()}.py").as_posix()


@dataclass(slots=True)
class _Bed:
    """Where test modules are tried: each as a file beside the place that it is to have."""

    stand: Standing
    unit: Unit
    place: str
    stage: Callable[[str], None]
    limit: float = 0.0

    def _path(self, number: int) -> str:
        pure = PurePosixPath(self.place)
        return pure.with_name(f"{pure.stem}_{number}.py").as_posix()

    def _run(self, drafts: Mapping[int, Tests], seed: int = 0, code: str | None = None) -> TestRun:
        """Run modules, with another text for the unit's file where one is given."""
        files = {self._path(n): d.text.encode() for n, d in drafts.items()}
        broken = {self.unit.path: code.encode("utf-8", "surrogateescape")} if code is not None else {}
        with replaced(self.stand.head, {**files, **broken}):
            return self.stand.run(list(files), seed=seed, limit=self.limit or None)

    def steady(self, drafts: Sequence[Tests]) -> dict[int, Tests]:
        """What is left of each module: tests that pass under two orders of sets and fail when the unit raises."""
        left = dict(enumerate(drafts))
        self.stage(f"running {len(left)} test modules")
        for turn in range(ROUNDS):
            run = self._run(left, seed=turn)
            red = self._red(run, left)
            if not any(red.values()) or not run.usable:
                break
            left = {n: d.corrected(red[n], self._path(n)) for n, d in left.items()}
            left = {n: d for n, d in left.items() if d.tests}
        return self._noticing({n: d for n, d in left.items() if d.tests})

    def _red(self, run: TestRun, drafts: Mapping[int, Tests]) -> dict[int, list[TestOutcome]]:
        return {n: [o for o in run.red if o.node_id.partition("::")[0] == self._path(n)] for n in drafts}

    def _noticing(self, drafts: dict[int, Tests]) -> dict[int, Tests]:
        """Only tests that pass twice more, and that fail when the unit is made to raise."""
        text = self.stand.text(self.unit.path)
        traps = named(text, {self.unit.name})
        if not drafts or not traps:
            return {}
        calm = [self._run(drafts, seed=seed) for seed in (11, 12)]
        took = max(r.command.seconds for r in calm if r.command)
        self.limit = LEAST + PATIENCE * took
        mark = f"Canary{secrets.token_hex(6)}"
        trapped = armed(text, {traps[0]: statement(mark, 0, raising=True)})
        alarm = self._run(drafts, code=trapped)
        found = {}
        for number, draft in drafts.items():
            path = self._path(number)
            good = {
                name
                for name, _ in draft.tests
                if all(passes(r, f"{path}::{name}") for r in calm) and fails(alarm, f"{path}::{name}")
            }
            found[number] = draft.without({name for name, _ in draft.tests} - good)
        return {n: d for n, d in found.items() if d.tests}

    def best(self, drafts: dict[int, Tests], samples: int, already: int) -> Tested:
        """The module that notices most mutants, in ruff's format, run once more under its own name."""
        tried = mutants(self.stand.text(self.unit.path), self.unit.name)
        killed = {n: list[Mutant]() for n in drafts}
        for number, mutant in enumerate(tried, 1):
            self.stage(f"mutant {number} of {len(tried)}")
            red = self._red(self._run(drafts, code=mutant.text), drafts)
            for n in drafts:
                killed[n] += [mutant] if red[n] else []
        chosen = max(drafts, key=lambda n: (len(killed[n]), -len(drafts[n].text)))
        draft = drafts[chosen]
        code = self._final(draft)
        return Tested(
            name=self.unit.name,
            path=self.place,
            code=code,
            tests=len(draft.tests),
            assertions=draft.checks,
            dropped=draft.dropped,
            mutants=len(tried),
            killed=len(killed[chosen]),
            survivors=tuple(m.what for m in tried if m not in killed[chosen]),
            samples=samples,
            usable=len(drafts),
            already=already,
        )

    def _final(self, draft: Tests) -> str:
        code = tidy(draft.text)
        with replaced(self.stand.head, {self.place: code.encode()}):
            run = self.stand.run([self.place], seed=5)
        return code if run.trusted and not run.red and len(run.outcomes) >= len(draft.tests) else draft.text


def passes(run: TestRun, node_id: str) -> bool:
    """Whether a test passed with all of its parameters."""
    found = _of(run, node_id)
    return run.trusted and bool(found) and all(o.outcome in PASSED for o in found)


def fails(run: TestRun, node_id: str) -> bool:
    """Whether a test failed with any of its parameters."""
    return any(o.red for o in _of(run, node_id))


def _of(run: TestRun, node_id: str) -> list[TestOutcome]:
    return [o for n, o in run.outcomes.items() if n == node_id or n.startswith(f"{node_id}[")]
