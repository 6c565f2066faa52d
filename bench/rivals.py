"""Holds llm-review against other reviewers: the same cases, the same model behind one server, in turns within one run.

    BENCH_MIRRORS=FOLDER python bench/rivals.py --sample 4

The tools: `ours` (this one), `naive` (one prompt with the whole diff), `gito` (gito.bot) and `pr-agent`, each in an
environment of its own that is made at first use, with the newest release that the package index has. The other two are
driven through their own local modes, with their own settings but for the model, its address and their patience. A run
that is stopped goes on where it was when the same line is typed again. Suggested fixes are not graded here.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from casekit import BenchError, Case, Kit, Workshop, read_manifest
from quality import select
from record import Ledger, Record
from rivalkit.installed import encodings, environment
from rivalkit.said import MODEL, URL
from rivalkit.served import served
from table import render
from trial import Bench

from reviewer.errors import ExitCode, ReviewError
from reviewer.llm.catalog import DEFAULT, find
from reviewer.llm.cores import physical_cores
from reviewer.llm.download import locate

HERE = Path(__file__).resolve().parent
KINDS = (("humanevalfix", "blind"), ("reintro", "blind"), ("securityeval", "insecure"), ("reintro", "control"))
CONTEXT = 16_384
TOOLS = ("ours", "naive", "gito", "pr-agent")


def main(argv: Sequence[str]) -> int:
    """Run what is left of each kind of case with each tool, and print the table."""
    options = _parser().parse_args(argv)
    try:
        ledgers = {tool: Ledger(options.out / f"{tool}.jsonl") for tool in options.tool or TOOLS}
        pairs = list(_chosen(options))
        if not options.table:
            _measure(options, ledgers, pairs)
        wanted = {(case.id, mode) for case, mode in pairs}
        rows = [record for ledger in ledgers.values() for record in ledger.read() if record.key in wanted]
        print(render(rows, markdown=options.markdown))
    except ReviewError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return ExitCode.OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--sample", type=int, default=4, metavar="N", help="cases of each kind, the same every time (default 4)")
    add("--kind", action="append", metavar="SUITE:MODE", help=f"default {' '.join(map(':'.join, KINDS))}")
    add("--id", action="append", help="only this case (repeatable)")
    add("--tool", action="append", choices=TOOLS, help="only this tool (repeatable)")
    add("--model", default=DEFAULT, help="a name in the catalogue or a .gguf file, for all of them")
    add("--url", help="a server with that model that runs already (http://127.0.0.1:8080/v1), instead of an own one")
    add("--threads", type=int, default=physical_cores(), help="of the model's server")
    add("--limit", type=float, default=900.0, metavar="SECONDS", help="time limit of a run (default 900)")
    add("--retry-errors", action="store_true", help="run again what ended without a valid report")
    add("--out", type=Path, default=HERE / "out" / "rivals", metavar="FOLDER", help="where records and reports go")
    add("--manifest", type=Path, default=HERE / "cases" / "dev.jsonl", help="the cases")
    add("--mirrors", type=Path, help="folder of git mirrors (default BENCH_MIRRORS, else clones)")
    add("--table", action="store_true", help="print the table of what was run and stop")
    add("--markdown", action="store_true", help="print it as Markdown")
    return parser


def _chosen(options: argparse.Namespace) -> Iterator[tuple[Case, str]]:
    """The same cases that `quality.py --tier A --sample N` takes of each kind."""
    cases = read_manifest(options.manifest)
    for suite, mode in (kind.split(":") for kind in options.kind) if options.kind else KINDS:
        filters = {"suite": [suite], "mode": [mode], "tier": ["A"], "id": None, "sample": options.sample}
        pairs = select(cases.values(), argparse.Namespace(**filters))
        yield from (pair for pair in pairs if not options.id or pair[0].id in options.id)


def _measure(options: argparse.Namespace, ledgers: Mapping[str, Ledger], pairs: Sequence[tuple[Case, str]]) -> None:
    model = Path(options.model) if options.model.endswith(".gguf") else locate(find(options.model))
    if not (options.url or model.is_file()):
        raise BenchError(f"no model file {model}: llm-review model pull {options.model}")
    options.out.mkdir(parents=True, exist_ok=True)
    workshop = Workshop.from_environment(options.manifest.resolve().with_name("packages.json"), options.mirrors)
    benches = {tool: _bench(tool, Kit(workshop), options) for tool in ledgers}
    left = list(_turns(ledgers, pairs, retry=options.retry_errors))
    if not left:
        return
    server = contextlib.nullcontext(options.url) if options.url else served(model, CONTEXT, options.threads)
    with server as url, tempfile.TemporaryDirectory(prefix="rivals-") as scratch:
        os.environ.update(_words(url, model, workshop.home, Path(scratch)))
        for number, turn in enumerate(left, 1):
            record = benches[turn.tool].run(turn.case, turn.mode)
            ledgers[turn.tool].append(record)
            print(f"[{number}/{len(left)}] {_line(record)}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Turn:
    """One tool's review of one case."""

    tool: str
    case: Case
    mode: str


def _turns(ledgers: Mapping[str, Ledger], pairs: Sequence[tuple[Case, str]], *, retry: bool = False) -> Iterator[Turn]:
    """What was not run yet: case by case, each by every tool, another one first each time."""
    done = {
        tool: {r.key for r in ledger.read() if r.ran and not (retry and r.error)} for tool, ledger in ledgers.items()
    }
    tools = list(ledgers)
    for at, (case, mode) in enumerate(pairs):
        first = at % len(tools)
        for tool in (*tools[first:], *tools[:first]):
            if (case.id, mode) not in done[tool]:
                yield Turn(tool, case, mode)


def _bench(tool: str, kit: Kit, options: argparse.Namespace) -> Bench:
    return Bench(kit, _command(tool, kit.workshop.home), tool, options.out / f"{tool}.reports", options.limit, False)


def _command(tool: str, home: Path) -> tuple[str, ...]:
    python, kit = sys.executable, HERE / "rivalkit"
    if tool == "ours":
        return (str(Path(python).with_name("llm-review")), "diff", "--staged", "--format", "json")
    if tool == "naive":
        return (python, str(HERE / "naive.py"))
    if tool == "gito":
        return (python, str(kit / "gito.py"), str(environment("gito", home) / "gito"))
    return (python, str(kit / "pr_agent.py"), str(environment("pr-agent", home) / "python"))


def _words(url: str, model: Path, home: Path, scratch: Path) -> dict[str, str]:
    """What the tools are told in the environment: where the model is; and nothing is kept from earlier runs."""
    own = {"PROVIDER": "openai", "BASE_URL": url, "MODEL": model.stem, "CACHE": "0", "BACKGROUND": "0"}
    folders = {f"{name}_DIR": str(scratch / name.lower()) for name in ("CACHE", "STATE", "RUNTIME")}
    ours = {f"LLM_REVIEW_{name}": value for name, value in (own | folders).items()}
    return {URL: url, MODEL: model.stem} | ours | encodings(home)


def _line(record: Record) -> str:
    said = record.error or " ".join(flag for flag in ("hit", "group", "blocked") if getattr(record, flag)) or "silent"
    return f"{record.label} {record.id} {record.mode}: {said} ({record.seconds:.1f} s, {record.shown} shown)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
