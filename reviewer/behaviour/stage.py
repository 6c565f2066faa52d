"""The stage of a review that looks for changes of behaviour where no test does."""

from __future__ import annotations

import ast
import re
import textwrap
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..change.change import Change, Unit
from ..change.git import Repository
from ..change.snapshot import carry, export
from ..draft import Draft
from ..evidence.testfiles import is_test_module, patterns_from
from ..finding import Finding, Proof
from ..review import Skipped
from ..settings import Settings
from ..verify.patch import same_code
from ..verify.runner import Bench
from ..verify.touched import Workshop, make_bench
from .compare import Ground, Proved, Search
from .grade import EXPECTED, Grade, grade, worth_showing
from .probe import leading_to
from .say import finding_of
from .seeds import Subjects, from_calls, from_tests
from .steps import step_texts
from .values import Vocabulary, corpus, parameters_of, vocabulary
from .wrap import wraps_for

WHAT = "behaviour"
TRACE_SHARE = 0.35
SPOKEN = 12


@dataclass(frozen=True, slots=True)
class Compared:
    """What was proved, and where, as long as the scratch folder lives."""

    proved: tuple[Proved, ...] = ()
    ground: Ground | None = None


def compare_behaviour(
    repo: Repository,
    change: Change,
    units: Sequence[Unit],
    workshop: Workshop | None,
    configs: Mapping[str, str],
    settings: Settings,
    scratch: Path,
    draft: Draft,
) -> Compared:
    """Add what behaves differently to the draft's findings, and give the proofs back.

    Only behind walls: varied tests do what nobody meant them to do. Not where a test already shows what is broken.
    """
    patterns = patterns_from(configs)
    subjects = _subjects(repo, change, units, patterns, draft.findings)
    seconds = min(settings.behaviour_timeout, draft.left / 2)
    if not subjects.units or seconds < 1:
        return Compared()
    bench = workshop.bench if workshop else make_bench(change, settings, scratch, draft)
    if bench is None:
        return Compared()
    if bench.sandbox.isolation["name"] == "none":
        draft.skip([Skipped(WHAT, "varied tests are run behind walls only, and there is no sandbox", harmless=True)])
        return Compared()
    deadline = time.monotonic() + seconds
    ground = _ground(repo, change, bench, scratch / "behaviour", subjects)
    words = _words(ground, subjects, workshop.targets if workshop else ())
    texts = words.texts[:SPOKEN]
    seeds = from_tests(workshop, ground, subjects, seconds * TRACE_SHARE, texts) if workshop else []
    search = Search(ground, words, deadline)
    proved = search.run(seeds, from_calls(ground, subjects, workshop, words), lambda p: _all_shown(p, subjects.units))
    tested = _tested_by_the_change(repo, change, patterns)
    worth = [p for p in proved if worth_showing(p, ground.base, ground.head)]
    graded = [(p, grade(p.difference, subjects.files, ground.head, _speaks_of(tested, p, subjects))) for p in worth]
    told = graded if settings.tested_changes else [(p, g) for p, g in graded if g is not EXPECTED]
    if len(told) < len(graded):
        draft.skip([_expected(len(graded) - len(told))])
    draft.findings += [finding_of(p, subjects.units, subjects.files, g) for p, g in _telling(told, subjects.units)]
    return Compared(tuple(proved), ground)


def differences(number: int) -> str:
    """So many of them, in words."""
    return f"{number} {'difference' if number == 1 else 'differences'} in behaviour"


def _expected(number: int) -> Skipped:
    return Skipped(differences(number), "the change's own tests speak of it (tested-changes shows them)", harmless=True)


def _telling(graded: Sequence[tuple[Proved, Grade]], units: Sequence[Unit]) -> list[tuple[Proved, Grade]]:
    """What is grave, once for each unit; else the first alone: that something changes is what a change is for."""
    grave = {_unit_of(p, units): (p, g) for p, g in reversed(graded) if g.grave}
    return list(grave.values()) or list(graded[:1])


def _tested_by_the_change(repo: Repository, change: Change, patterns: tuple[str, ...]) -> str:
    """The text of the test modules that the change edits."""
    tests = (f for f in change.files if f.is_python and f.head_blob and f.hunks and is_test_module(f.path, patterns))
    return "\n".join(_text(repo, f.head_blob) for f in tests)


def _speaks_of(tests: str, proved: Proved, subjects: Subjects) -> bool:
    label = _unit_of(proved, subjects.units)
    names = {part for u in subjects.units if u.label == label for part in u.name.split(".")}
    return any(re.search(rf"\b{re.escape(name)}\b", tests) for name in names if name)


def _subjects(
    repo: Repository, change: Change, units: Sequence[Unit], patterns: tuple[str, ...], findings: Iterable[Finding]
) -> Subjects:
    shown = {(f.location.path, f.unit) for f in findings if f.proof is Proof.REPRODUCED}
    files = {
        f.path: f
        for f in change.files
        if f.is_python and f.base_blob and f.head_blob and f.path.endswith(".py") and f.path == f.base_path
        and not is_test_module(f.path, patterns) and not same_code(_text(repo, f.base_blob), _text(repo, f.head_blob))
    }  # fmt: skip
    kept = tuple(u for u in units if u.path in files and u.base and u.head and (u.path, u.name) not in shown)
    files = {p: f for p, f in files.items() if any(u.path == p for u in kept)}
    return Subjects(files, kept, {(p, n): r for p, f in files.items() for n, r in _classes(_text(repo, f.head_blob))})


def _classes(source: str) -> list[tuple[str, range]]:
    """The lines of the methods of each class of the top level."""
    nodes = [n for n in ast.parse(source).body if isinstance(n, ast.ClassDef)]
    return [(n.name, range(n.body[0].lineno + 1, (n.end_lineno or n.lineno) + 1)) for n in nodes]


def _text(repo: Repository, blob: str) -> str:
    return repo.read(blob).decode("utf-8", "surrogateescape")


def _ground(repo: Repository, change: Change, bench: Bench, place: Path, subjects: Subjects) -> Ground:
    base, head = place / "base", place / "head"
    export(repo, change.base, base, kept=bench.sandbox.layered)
    export(repo, change.head, head, kept=bench.sandbox.layered)
    carry(repo, (base, head))
    changed = {path: sorted(file.changed_head_lines) for path, file in subjects.files.items()}
    return Ground(bench, base, head, changed)


def _words(ground: Ground, subjects: Subjects, tests: Sequence[str]) -> Vocabulary:
    """What the changed lines name, then what the units name; and what the functions of the files may be given.

    `tests` are the paths of test modules, whose calls may be made on other objects too.
    """
    lines = []
    for unit in subjects.units:
        for span, other in ((unit.base, unit.head), (unit.head, unit.base)):
            if span and other:
                there = {line.strip() for line in other.text.split("\n")}
                lines += [line.strip() for line in span.text.split("\n") if line.strip() not in there]
    whole = [span.text for unit in subjects.units for span in (unit.base, unit.head) if span]
    words = vocabulary((*(_as_statement(line) for line in lines), *(textwrap.dedent(text) for text in whole)))
    sources = [(ground.base / file.base_path).read_text("utf-8", "surrogateescape") for file in subjects.files.values()]
    names = tuple(dict.fromkeys(unit.name.rpartition(".")[2] for unit in subjects.units if unit.name))
    probes = dict.fromkeys(probe for source in sources for probe in leading_to(names, source))
    parameters = parameters_of(sources)
    written = [(ground.base / t).read_text("utf-8", "replace") for t in tests if (ground.base / t).is_file()]
    steps = step_texts(probes, parameters, "\n".join(lines), written)
    wraps, texts = wraps_for("\n".join(whole)), corpus(written, words.texts[:SPOKEN])
    return replace(words, parameters=parameters, probes=tuple(probes), steps=steps, wraps=wraps, corpus=texts)


def _as_statement(line: str) -> str:
    """A line of a block, made to parse alone."""
    for text in (
        line,
        f"{line} pass" if line.endswith(":") else f"({line})",
        f"if 1: pass\n{line} pass",
        f"{{{line}}}",
    ):
        try:
            ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        return text
    return ""


def _all_shown(proved: Sequence[Proved], units: Sequence[Unit]) -> bool:
    return {u.label for u in units} <= {_unit_of(p, units) for p in proved}


def _unit_of(proved: Proved, units: Sequence[Unit]) -> str:
    for path, lines in proved.ran.items():
        for unit in units:
            if any(unit.holds(path, line) for line in lines):
                return unit.label
    # A process that was ended tells no lines.
    return units[0].label if len(units) == 1 else ""
