"""Measure the quality of a reviewer on the benchmark cases, resumably: one JSON line per case and mode, then a table.

A run that is stopped goes on where it was when the same line is typed again. Suggested fixes are graded by running
tests on them, without a sandbox: use a machine on which the tool's own suggestions may be executed.
"""

from __future__ import annotations

import argparse
import hashlib
import shlex
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from casekit import BenchError, Case, Kit, Workshop, read_manifest
from casekit.kit import SUITES
from record import Ledger, Record
from table import render
from trial import Bench

from reviewer.errors import ExitCode, ReviewError

HERE = Path(__file__).resolve().parent
REVIEW = ("diff", "--staged", "--format", "json")
Pair = tuple[Case, str]


def main(argv: Sequence[str]) -> int:
    """Parse the command line, run what is left to run, print the table."""
    own, command = _split(argv)
    options = _parser().parse_args(own)
    try:
        if options.table:
            print(render((r for path in options.table for r in _finished(path)), markdown=options.markdown))
            return ExitCode.OK
        return _measure(options, command)
    except ReviewError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED


def _split(argv: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """This program's words, and those after `--`: a whole command, or only options added to the default one."""
    own, given = list(argv), []
    if "--" in own:
        at = own.index("--")
        own, given = own[:at], own[at + 1 :]
    if given and not given[0].startswith("-"):
        return own, tuple(given)
    return own, (str(Path(sys.executable).with_name("llm-review")), *REVIEW, *given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        usage="%(prog)s [options] [-- COMMAND ... | -- EXTRA OPTIONS]", description=__doc__, add_help=True
    )
    add = parser.add_argument
    add("--suite", action="append", choices=SUITES, help="only this suite (repeatable)")
    add("--mode", action="append", help="only this mode (repeatable)")
    add("--tier", action="append", help="only this tier (repeatable)")
    add("--id", action="append", help="only this case (repeatable)")
    add("--sample", type=int, metavar="N", help="at most N cases of each suite and mode, the same ones every time")
    add("--jobs", type=int, default=1, help="runs at once (default 1; more spoils the times)")
    add("--limit", type=float, default=600.0, metavar="SECONDS", help="time limit of a run (default 600)")
    add("--retry-errors", action="store_true", help="run again what ended without a valid report")
    add("--out", type=Path, default=HERE / "out", metavar="FOLDER", help="where records and raw reports go")
    add("--label", default="llm-review", help="the tool's name in the table and of its files")
    add("--manifest", type=Path, default=HERE / "cases" / "dev.jsonl", help="the cases")
    add("--mirrors", type=Path, help="folder of git mirrors, <owner>+<name> each (default BENCH_MIRRORS, else clones)")
    add("--table", type=Path, nargs="+", metavar="FILE", help="print the table of finished runs and stop")
    add("--markdown", action="store_true", help="print it as Markdown")
    return parser


def _finished(path: Path) -> tuple[Record, ...]:
    if not path.is_file():
        raise BenchError(f"no such file: {path}")
    return Ledger(path).read()


def _measure(options: argparse.Namespace, command: tuple[str, ...]) -> int:
    bench, ledger = _bench(options, command), Ledger(options.out / f"{options.label}.jsonl")
    pairs = select(read_manifest(options.manifest).values(), options)
    kept = ledger.read()
    if any(record.command != bench.command for record in kept):
        raise BenchError(f"{options.label}.jsonl holds runs of another command: choose another --label")
    done = {record.key for record in kept if record.ran and not (options.retry_errors and record.error)}
    left = [(case, mode) for case, mode in pairs if (case.id, mode) not in done]
    for number, record in enumerate(_run_all(bench, left, options.jobs), 1):
        ledger.append(record)
        print(f"[{number}/{len(left)}] {_line(record)}", file=sys.stderr, flush=True)
    wanted = {(case.id, mode) for case, mode in pairs}
    print(render((r for r in ledger.read() if r.key in wanted), markdown=options.markdown))
    return ExitCode.OK


def _bench(options: argparse.Namespace, command: tuple[str, ...]) -> Bench:
    program = shutil.which(command[0])
    if program is None:
        raise BenchError(f"no such program: {command[0]}")
    options.out.mkdir(parents=True, exist_ok=True)
    workshop = Workshop.from_environment(options.manifest.resolve().with_name("packages.json"), options.mirrors)
    whole = (str(Path(program).absolute()), *command[1:])
    return Bench(Kit(workshop), whole, options.label, options.out / f"{options.label}.reports", options.limit)


def select(cases: Iterable[Case], options: argparse.Namespace) -> list[Pair]:
    """The pairs of case and mode that the options ask for: by suite and mode, within each by the hash of the id.

    A sample is the first of each: it does not depend on the order of the manifest, and a run that is stopped early
    has seen no particular project first.
    """
    groups: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for case in cases:
        for mode in _wanted_modes(case, options):
            groups[case.suite, mode].append((case, mode))
    chosen = (sorted(group, key=lambda pair: _hash(pair[0].id))[: options.sample] for group in groups.values())
    pairs = [pair for group in chosen for pair in group]
    if not pairs:
        raise BenchError(f"no case is left by {shlex.join(sys.argv[1:])}")
    return pairs


def _wanted_modes(case: Case, options: argparse.Namespace) -> Iterator[str]:
    filters = ((options.suite, case.suite), (options.tier, case.tier), (options.id, case.id))
    if all(not allowed or value in allowed for allowed, value in filters):
        yield from (mode for mode in case.modes if not options.mode or mode in options.mode)


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _run_all(bench: Bench, pairs: Sequence[Pair], jobs: int) -> Iterator[Record]:
    if jobs <= 1:
        yield from (bench.run(case, mode) for case, mode in pairs)
        return
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for future in as_completed([pool.submit(bench.run, case, mode) for case, mode in pairs]):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _line(record: Record) -> str:
    flags = ("hit", "strict", "blocked", "reproduced", "verified", "fixed", "wrong_fix")
    said = record.error or " ".join(flag for flag in flags if getattr(record, flag)) or "silent"
    return f"{record.id} {record.mode}: {said} ({record.seconds:.1f} s, {record.shown} shown)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
