"""Measure the selection of tests: of real bugs with a test in the tree, is every failing test selected, at what cost?

For each `reintro` case the change is staged as `quality.py` does it, the tool's own selection is asked, and the whole
suite is run once on the changed code in the tool's sandbox, for the seconds of each test file. One JSON line per case,
then a line over all.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from casekit import BenchError, Case, Kit, Workshop, read_manifest

from reviewer.change.diff import read_change
from reviewer.change.git import Repository
from reviewer.change.snapshot import export
from reviewer.change.spec import Spec, SpecKind
from reviewer.configs import PYTEST_CONFIGS
from reviewer.errors import ExitCode, ReviewError
from reviewer.evidence.testfiles import is_test_module, patterns_from
from reviewer.evidence.touched_tests import select
from reviewer.sandbox.choice import choose
from reviewer.verify.interpreter import Interpreter, find
from reviewer.verify.runner import Bench, run_tests

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Row:
    """One case: `missed` are failing tests whose file was not selected; `place` is that of the first file with one.

    `share` is the selected files' part of the seconds that all tests took, None where the suite was not run to its end.
    """

    id: str
    failing: int
    missed: tuple[str, ...]
    selected: int
    files: int
    place: int | None
    share: float | None
    seconds: float


def main(argv: Sequence[str]) -> int:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--id", action="append", help="only this case (repeatable)")
    add("--tier", action="append", help="only this tier (repeatable)")
    add("--sample", type=int, metavar="N", help="at most N cases of each project")
    add("--limit", type=float, default=600.0, metavar="SECONDS", help="for the whole suite of a case (default 600)")
    add("--manifest", type=Path, default=HERE / "cases" / "dev.jsonl", help="the cases")
    add("--mirrors", type=Path, help="folder of git mirrors (default BENCH_MIRRORS, else clones)")
    options = parser.parse_args(argv)
    rows = []
    try:
        workshop = Workshop.from_environment(options.manifest.resolve().with_name("packages.json"), options.mirrors)
        for case in _chosen(options):
            rows.append(_measured(Kit(workshop), case, options.limit))
            print(json.dumps(asdict(rows[-1])), flush=True)
    except ReviewError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return error.exit_code
    print(_summary(rows))
    return ExitCode.OK


def _chosen(options: argparse.Namespace) -> list[Case]:
    cases = [c for c in read_manifest(options.manifest).values() if c.suite == "reintro" and "seen" in c.modes]
    cases = [c for c in cases if not options.tier or c.tier in options.tier]
    cases = [c for c in cases if not options.id or c.id in options.id]
    projects = dict.fromkeys(c.repo for c in cases)
    cases = [c for name in projects for c in [c for c in cases if c.repo == name][: options.sample]]
    if not cases:
        raise BenchError("no case is left")
    return cases


def _measured(kit: Kit, case: Case, limit: float) -> Row:
    with tempfile.TemporaryDirectory(prefix="selection-") as folder:
        place = Path(folder).resolve()
        facts = kit.build(case, "seen", place / "case")
        repo = Repository.open(place / "case", place / "git")
        try:
            change, _ = read_change(repo, Spec(SpecKind.STAGED))
            export(repo, change.head, place / "head")
            patterns = patterns_from(_configs(repo, change.base))
            selection = select(change, place / "head", patterns)
        finally:
            repo.close()
        spent = _seconds(place, patterns, limit)
    files = {node.partition("::")[0] for node in facts.failing_tests}
    chosen = set(selection.targets)
    total = sum(spent.values())
    return Row(
        case.id,
        len(facts.failing_tests),
        tuple(n for n in facts.failing_tests if n.partition("::")[0] not in chosen),
        len(chosen),
        len(spent),
        next((number for number, target in enumerate(selection.targets, 1) if target in files), None),
        round(sum(s for file, s in spent.items() if file in chosen) / total, 3) if total else None,
        round(total, 2),
    )


def _configs(repo: Repository, tree: str) -> dict[str, str]:
    blobs = {name: blob for name in PYTEST_CONFIGS if (blob := repo.blob(tree, name))}
    return {name: repo.read(blob).decode("utf-8", "replace") for name, blob in blobs.items()}


def _seconds(place: Path, patterns: tuple[str, ...], limit: float) -> Mapping[str, float]:
    """What the tests of each file took on the changed code; nothing where the suite did not come to its end."""
    root = place / "case"
    interpreter = find(root, None)
    if not isinstance(interpreter, Interpreter):
        raise BenchError(interpreter.reason)
    (place / "runs").mkdir()
    bench = Bench(choose("auto", root, interpreter.prefixes), interpreter, root, place / "runs")
    tests = sorted(_tests(place / "head", patterns))
    run = run_tests(bench, place / "head", tests, timeout=limit)
    if run.cut_short:
        return {}
    spent = dict.fromkeys(tests, 0.0)
    for outcome in run.outcomes.values():
        spent[outcome.node_id.partition("::")[0]] += outcome.seconds
    return spent


def _tests(root: Path, patterns: tuple[str, ...]) -> Iterator[str]:
    for path in root.rglob("*.py"):
        if is_test_module(relative := path.relative_to(root).as_posix(), patterns):
            yield relative


def _summary(rows: Sequence[Row]) -> str:
    failing, missed = sum(r.failing for r in rows), sum(len(r.missed) for r in rows)
    shares = [r.share for r in rows if r.share is not None]
    complete = sum(not r.missed for r in rows)
    said = (
        f"{len(rows)} cases: all failing tests selected in {complete}; {failing - missed} of {failing} tests selected"
    )
    if not shares:
        return said
    middle, mean = statistics.median(shares), statistics.fmean(shares)
    return f"{said}; share of the suite's seconds: {middle:.0%} median, {mean:.0%} mean (of {len(shares)} cases)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
