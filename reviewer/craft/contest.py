"""Two versions of a function against each other in the sandbox: what the program `race.py` found."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..foreign import records_at
from ..process import Done
from .box import Box
from .subject import Subject

PROGRAM = Path(__file__).with_name("race.py")
BESIDE = ("draws", "growth")
BUDGET = 20.0


@dataclass(frozen=True, slots=True)
class Calls:
    """Arguments as texts of tuples: what the project's tests gave it, what is usual, and mere guesses."""

    recorded: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds (the best of three, taken in turns) and peak bytes of both versions at one size of the input.

    `input` are the arguments in words.
    """

    size: int
    before: float
    after: float
    memory_before: int
    memory_after: int
    input: str = ""


@dataclass(frozen=True, slots=True)
class Contest:
    """What came of it: `differs` is the input and both answers, "" where all are equal; `outside` the same of a guess.

    `inputs` are how many inputs gave equal answers, by where they come from. `why` says why nothing was compared.
    """

    inputs: Mapping[str, int]
    timings: tuple[Timing, ...] = ()
    differs: str = ""
    outside: str = ""
    why: str = ""

    @property
    def speedup(self) -> float:
        """At the largest size."""
        return round(self.timings[-1].before / max(self.timings[-1].after, 1e-9), 2) if self.timings else 1.0


def held(box: Box, subject: Subject, text: str, calls: Calls) -> Contest:
    """Hold the version in a new text of the file against the one in the subject."""
    done, lines = _run(box, subject, text, calls)
    found = {key: line[key] for line in lines for key in ("differ", "compared", "outside") if key in line}
    if "differ" in found:
        return Contest({}, differs=_said(subject, found["differ"]))
    inputs = found.get("compared")
    if not inputs:
        return Contest({}, why=_why_not(done))
    rows = tuple(_timing(line) for line in lines if "size" in line)
    return Contest(inputs, rows, outside=_said(subject, found["outside"]) if "outside" in found else "")


def _timing(row: Mapping[str, Any]) -> Timing:
    before, after = row["memory"]
    return Timing(row["size"], row["before"], row["after"], before, after, row["input"])


def _said(subject: Subject, difference: Sequence[str]) -> str:
    arguments, before, after = difference
    inner = arguments.removesuffix(",)").removesuffix(")").removeprefix("(")
    return f"{subject.name}({inner}): {before} before, {after} with it"


def _why_not(done: Done) -> str:
    if done.exit_code is None:
        return "the comparison did not end in its time"
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    ended = f" (exit code {done.exit_code})" if done.exit_code else ""
    return f"it could not be compared: {said[-1]}" if said else f"no input was found on which it can be compared{ended}"


def _run(box: Box, subject: Subject, text: str, calls: Calls) -> tuple[Done, list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory(dir=box.folder, prefix="race-", ignore_cleanup_errors=True) as folder:
        snapshot, scratch = box.tree or Path(folder, "code"), Path(folder, "scratch")
        place = (snapshot / box.name).parent
        place.mkdir(parents=True, exist_ok=True)
        scratch.mkdir()
        inside = (box.sandbox.place(snapshot) / box.name).parent
        package, start = box.package(box.sandbox.place(snapshot))
        for name, content in (("llm_review_before.py", subject.text), ("llm_review_after.py", text)):
            (place / name).write_text(content, "utf-8")
        spec = {
            "before": str(inside / "llm_review_before.py"),
            "after": str(inside / "llm_review_after.py"),
            "name": subject.name,
            "package": package,
            "start": str(start),
            "recorded": calls.recorded,
            "calls": calls.usual,
            "others": calls.guessed,
            "budget": BUDGET,
            "report": str(scratch / "report.jsonl"),
        }
        (scratch / "spec.json").write_text(json.dumps(spec), "utf-8")
        for name in BESIDE:
            shutil.copy(PROGRAM.with_name(f"{name}.py"), scratch / f"llm_review_{name}.py")
        program = shutil.copy(PROGRAM, scratch / "race.py")
        argv = (str(box.interpreter.path), str(program), str(scratch / "spec.json"))
        done = box.sandbox.run(argv, snapshot=snapshot, scratch=scratch, timeout=BUDGET * 2)
        return done, list(records_at(scratch / "report.jsonl"))
