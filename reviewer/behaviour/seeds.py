"""Where varied tests start from: the tests that run the change, the nearest first, and plain calls of what changed."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..change.change import FileChange, Unit, UnitKind
from ..verify.outcome import PASSED, Lines, TestOutcome, TestRun
from ..verify.runner import run_tests
from ..verify.touched import Workshop
from .calls import call_tests, module_name, module_of
from .compare import Ground
from .looking import definition, definitions
from .roundtrip import round_trips
from .values import Vocabulary
from .variants import Seed

MOST_SEEDS = 24
FEW = 3


@dataclass(frozen=True, slots=True)
class Subjects:
    """What is compared: the changed code files that both sides have, by path, and the units in them.

    `classes` are the lines of the bodies of the head's classes, by path and name.
    """

    files: Mapping[str, FileChange]
    units: tuple[Unit, ...]
    classes: Mapping[tuple[str, str], range]


def from_tests(
    workshop: Workshop, ground: Ground, subjects: Subjects, seconds: float, texts: Sequence[str] = ()
) -> list[Seed]:
    """Tests of the base that pass on the head and run changed files there.

    Those that run a changed line first, of them those that name what is changed, then those that run what few others
    run and speak of what the change speaks of (`texts`). Where tracing did not end in time, what tests speak of decides
    alone.
    """
    run = workshop.comparison.head
    ran = _running(run, subjects)
    if len(ran) < FEW:
        whole = {path: range(1, _length(ground.head / path) + 1) for path in subjects.files}
        run = run_tests(ground.bench, ground.head, workshop.targets, timeout=seconds, trace=whole)
        ran = _running(run, subjects) or ran
    distances = {o.node_id: _distance(o.lines, subjects) for o in ran}
    nearest = min(min(distances.values(), default=2), 2)
    rare = _rarity(ran, subjects)
    seeds: dict[tuple[str, str], Seed] = {}
    weights: dict[tuple[str, str], float] = {}
    for outcome in sorted(ran, key=lambda o: (distances[o.node_id], o.seconds)):
        seed = _seed(outcome, ground, distances[outcome.node_id] in {nearest, 0})
        if seed:
            key = (seed.path, seed.name)
            seeds.setdefault(key, seed)
            weights[key] = max(weights.get(key, 0.0), rare[outcome.node_id])
    named = re.compile("|".join(rf"\b{re.escape(n)}\b" for n in _names(subjects)) or "$^")
    if run.cut_short or len(seeds) < FEW:
        seeds = {(s.path, s.name): s for s in _untraced(workshop, ground, named)} | seeds
    told = {key: _told(seed, texts) for key, seed in seeds.items()}

    def order(key: tuple[str, str]) -> tuple[bool, int, float]:
        seed = seeds[key]
        return not seed.near, -len(set(named.findall(_source(seed)))), -weights.get(key, 0.0) - told[key]

    return _mixed([seeds[key] for key in sorted(seeds, key=order)][:MOST_SEEDS])


def _rarity(ran: Sequence[TestOutcome], subjects: Subjects) -> dict[str, float]:
    """By node id, from 0 to 1: how much of what a test runs of the changed lines few others run."""
    lines = {o.node_id: _changed_lines(o.lines, subjects) for o in ran}
    often = Counter(line for some in lines.values() for line in some)
    sums = {n: sum(1 / often[line] for line in some) for n, some in lines.items()}
    most = max(sums.values(), default=0.0) or 1.0
    return {n: total / most for n, total in sums.items()}


def _changed_lines(lines: Lines, subjects: Subjects) -> set[tuple[str, int]]:
    files = subjects.files
    return {(p, n) for p, some in lines.items() if p in files for n in some if n in files[p].changed_head_lines}


def _told(seed: Seed, texts: Sequence[str]) -> float:
    """The share of the texts that stand in a test."""
    source = _source(seed).lower()
    return sum(text.lower() in source for text in texts) / len(texts) if texts else 0.0


def _untraced(workshop: Workshop, ground: Ground, named: re.Pattern[str]) -> list[Seed]:
    """Every test of the selected files that passed; near are those that name what is changed."""
    passed = (o for o in workshop.comparison.head.outcomes.values() if o.outcome in PASSED)
    found = (seed for seed in (_seed(o, ground, False) for o in passed) if seed)
    return [replace(seed, near=bool(named.search(_source(seed)))) for seed in found]


def _seed(outcome: TestOutcome, ground: Ground, near: bool) -> Seed | None:
    path, _, rest = outcome.node_id.partition("::")
    name, file = rest.partition("[")[0].replace("::", "."), ground.base / path
    module = file.read_text("utf-8", "surrogateescape") if file.is_file() else ""
    return Seed(path, module, name, near, seconds=outcome.seconds) if definition(module, name) else None


def _names(subjects: Subjects) -> set[str]:
    """What a test says that uses a unit: its name, or its class's where others call it for the test."""
    found: set[str] = set()
    for *outer, name in (unit.name.split(".") for unit in subjects.units):
        if name.startswith("__"):
            found |= set(outer[-1:]) or {name}
        elif name.startswith("_"):
            found |= {name, name.strip("_"), *outer[-1:]}
        else:
            found.add(name)
    return found - {""}


def _source(seed: Seed) -> str:
    function = definition(seed.module, seed.name)
    return ast.unparse(function) if function else ""


def _running(run: TestRun, subjects: Subjects) -> list[TestOutcome]:
    """What passed and ran a traced line of the subjects."""
    passed = (o for o in run.outcomes.values() if o.outcome in PASSED)
    return [o for o in passed if not subjects.files.keys().isdisjoint(p for p, lines in o.lines.items() if lines)]


def _length(path: Path) -> int:
    return path.read_bytes().count(b"\n") + 1


def _distance(lines: Lines, subjects: Subjects) -> int:
    """0: it ran a changed line; 1: a changed unit; 2: its class; 3: the file."""
    return min(
        (_distance_in(path, set(numbers), subjects) for path, numbers in lines.items() if path in subjects.files),
        default=3,
    )


def _distance_in(path: str, ran: set[int], subjects: Subjects) -> int:
    if not ran.isdisjoint(subjects.files[path].changed_head_lines):
        return 0
    units = [u for u in subjects.units if u.path == path and u.head]
    if any(u.head and ran.intersection(range(u.head.start + 1, u.head.end + 1)) for u in units):
        return 1
    return 2 if any(ran.intersection(subjects.classes.get((path, u.name.rpartition(".")[0]), ())) for u in units) else 3


def _mixed(seeds: Sequence[Seed]) -> list[Seed]:
    """One of each file and class in turn."""
    groups: dict[tuple[str, str], list[Seed]] = {}
    for seed in seeds:
        groups.setdefault((seed.path, seed.outer), []).append(seed)
    longest = max(map(len, groups.values()), default=0)
    return [group[turn] for turn in range(longest) for group in groups.values() if turn < len(group)]


def from_calls(ground: Ground, subjects: Subjects, workshop: Workshop | None, words: Vocabulary) -> list[Seed]:
    """Calls of functions of a module's top level."""
    seeds: list[Seed] = []
    for unit in subjects.units:
        called = _called(unit)
        if not called:
            continue
        head, base = ((side / unit.path).read_text("utf-8", "surrogateescape") for side in (ground.head, ground.base))
        function, before = definition(head, unit.name), definition(base, unit.name)
        if function is None or before is None:
            continue
        targets = workshop.targets if workshop else ()
        written = [
            head,
            *((ground.base / t).read_text("utf-8", "replace") for t in targets if (ground.base / t).is_file()),
        ]
        tests = call_tests(called, before, written, words)
        name, folder = module_name(ground.head, unit.path)
        path = f"test_llm_review_calls_{len(seeds)}.py"
        module = module_of(name, folder, [called], [t.function for t in tests])
        # Where the documentation is changed too, it says nothing of the base's ways.
        same = ast.get_docstring(function) == ast.get_docstring(before)
        # Guessed calls are many: what is written in the project comes first.
        seeds += [Seed(path, module, t.function.name, t.known, t.known, t.wanted if same else "") for t in tests]
        seeds += _round_trips(called, name, folder, base, words)
    return seeds


def _round_trips(called: str, name: str, folder: str, source: str, words: Vocabulary) -> list[Seed]:
    functions = {n: f for n, f in definitions(source).items() if isinstance(f, ast.FunctionDef)}
    trips = list(round_trips(called, functions, words))
    if not trips:
        return []
    module = module_of(name, folder, sorted({n for t in trips for n in (t.there, t.back)}), [t.function for t in trips])
    path, promise = f"test_llm_review_trips_{called}.py", "lost-round-trip"
    return [Seed(path, module, t.function.name, False, False, t.wanted, promise) for t in trips]


def _called(unit: Unit) -> str:
    """The name by which a unit can be called with plain values: a function of the top level, or a class to be made."""
    outer, _, last = unit.name.rpartition(".")
    if unit.head is None or unit.kind not in {UnitKind.FUNCTION, UnitKind.METHOD} or "." in outer:
        return ""
    return last if not outer else outer if last == "__init__" else ""
