"""Runs the project's tests on a snapshot, inside a sandbox, and tells what can be believed of the result."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..review import CommandRun
from ..sandbox.base import Sandbox
from .interpreter import Interpreter
from .outcome import TestRun
from .runreport import read_run

PLUGIN = Path(__file__).with_name("plugin.py")
# The plugin's option, by the name of its entry point. The project's own options stay, ours come after them.
OPTIONS = {
    "pytest_cov": ("--no-cov",),
    "xdist": ("-n", "0"),
    "randomly": ("--randomly-seed=1", "--randomly-dont-reorganize"),
}


@dataclass(frozen=True, slots=True)
class Bench:
    """Where tests are run: the walls, the Python, the repository's top and a folder for throw-away files."""

    sandbox: Sandbox
    interpreter: Interpreter
    root: Path
    scratch: Path


def run_tests(
    bench: Bench,
    snapshot: Path,
    targets: Sequence[str],
    *,
    timeout: float,
    changed: Collection[str] = (),
    trace: Mapping[str, Collection[int]] | None = None,
    hash_seed: int = 0,
    canary: tuple[str, int] | None = None,
) -> TestRun:
    """Run `targets` (POSIX paths or node ids, relative to the top) on a snapshot.

    Targets whose file the snapshot does not have are left out, node ids that do not exist have no outcome. `changed`
    are the paths whose modules must come from the snapshot. `trace` are lines of which to tell the tests that ran them.
    `hash_seed` orders sets: a test that depends on it gives itself away when the runs compared have different ones.
    `canary` is the mark and the number of the snapshot's traps: the run ends when all were hit and one test failed.
    Never raises for what the tests do; raises ToolError when the sandbox cannot be started.
    """
    present = [t for t in dict.fromkeys(targets) if (snapshot / _file(t)).exists()]
    if not present:
        return TestRun()
    with tempfile.TemporaryDirectory(dir=bench.scratch, prefix="run-", ignore_cleanup_errors=True) as folder:
        return _run(bench, snapshot, Path(folder), present, timeout, changed, trace or {}, hash_seed, canary)


def _run(
    bench: Bench,
    snapshot: Path,
    scratch: Path,
    targets: Sequence[str],
    timeout: float,
    changed: Collection[str],
    trace: Mapping[str, Collection[int]],
    hash_seed: int,
    canary: tuple[str, int] | None,
) -> TestRun:
    place = bench.sandbox.place(snapshot)
    nonce, report, junit = secrets.token_hex(16), scratch / "report.jsonl", scratch / "junit.xml"
    options = (*options_of(bench.interpreter, place, scratch), f"--junitxml={junit}")
    arguments = [*options, *dict.fromkeys(_file(t) for t in targets)]
    spec = {
        "arguments": arguments,
        "report": str(report),
        "nonce": nonce,
        "place": str(place),
        "root": str(bench.root),
        "prefixes": [str(p) for p in bench.interpreter.prefixes],
        "select": list(targets) if any("::" in t for t in targets) else [],
        "changed": sorted(changed),
        "canary": canary or ("", 0),
        "trace": {path: sorted(lines) for path, lines in trace.items()},
    }
    (scratch / "spec.json").write_text(json.dumps(spec), "utf-8")
    program = shutil.copy(PLUGIN, scratch / "llm_review_plugin.py")
    python = str(bench.interpreter.path)
    done = bench.sandbox.run(
        (python, str(program), str(scratch / "spec.json")),
        snapshot=snapshot,
        scratch=scratch,
        timeout=timeout,
        env=environment_of(bench.interpreter, hash_seed),
    )
    typed = CommandRun((python, "-m", "pytest", *targets), done.exit_code, round(done.seconds, 3))
    return read_run(report, junit, nonce, done, typed)


def _file(target: str) -> str:
    return target.partition("::")[0]


def environment_of(interpreter: Interpreter, hash_seed: int) -> dict[str, str]:
    """Tests that start `python` or an installed script get the project's, as in an activated environment."""
    path = os.pathsep.join((str(interpreter.path.parent), os.environ.get("PATH", os.defpath)))
    return {"PATH": path, "PYTHONHASHSEED": str(hash_seed)}


def options_of(interpreter: Interpreter, place: Path, scratch: Path) -> list[str]:
    """pytest's options, ours after those of the project: every test runs, in order; nothing is written in the tree."""
    flags = ["-q", "--color=no", "--tb=short", "--maxfail=0", "--continue-on-collection-errors"]
    flags += [f"--rootdir={place}", f"--confcutdir={place}", "-o", f"cache_dir={scratch / 'cache'}"]
    return flags + [o for plugin, options in OPTIONS.items() if plugin in interpreter.plugins for o in options]
