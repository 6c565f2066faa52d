"""Faster versions of a function: only those that gave equal answers and were measured are shown."""

from __future__ import annotations

import ast
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..behaviour.calls import call_tests
from ..process import Done
from ..tasks.optimise import example_calls, faster, literal_arguments
from ..tasks.session import Session
from ..verify.patch import unified
from ..verify.rewrite import put_unit
from .box import Box
from .subject import Subject

PROGRAM = Path(__file__).with_name("race.py")
LEAST_GAIN = 1.2
BUDGET = 20.0
MOST_CALLS, MOST_GUESSES = 24, 60
Calls = tuple[list[str], list[str]]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds (the best of three, taken in turns) and peak bytes of both versions at one size of the input."""

    size: int
    before: float
    after: float
    memory_before: int
    memory_after: int


@dataclass(frozen=True, slots=True)
class Optimised:
    """What became of one function. `patch` is "" where no version was shown to be equal and faster; `reason` says why.

    `text` is the whole new file, or the old one; `speedup` is that at the largest size; `compared` inputs, grown from
    calls that are documented or usual, gave equal answers; `outside` tells of another one that does not, or is "".
    """

    name: str
    text: str
    patch: str
    speedup: float
    compared: int
    tried: int
    timings: tuple[Timing, ...]
    reason: str
    outside: str = ""


def optimise(session: Session, box: Box, subject: Subject, samples: int, stage: Callable[[str], None]) -> Optimised:
    """Try versions of a top-level function; the fastest that is equal on every input wins. Raises ModelError."""
    if not isinstance(subject.node, ast.FunctionDef) or "." in subject.name:
        return _nothing(subject, "only plain functions of a module can be called with values of our own")
    stage(f"{subject.name}: calls to compare on")
    calls = _calls(session, subject)
    stage(f"{subject.name}: faster versions")
    best, refused, tried = None, "", 0
    for text in _versions(session, subject, samples):
        tried += 1
        stage(f"{subject.name}: version {tried} against the original")
        found = _race(box, subject, text, calls)
        best = max((b for b in (best, found) if b), key=lambda o: (bool(o.patch), o.speedup))
        refused = refused or ("" if found.patch else found.reason)
        if found.patch and found.speedup > 2 * LEAST_GAIN:
            break
    if best is None:
        return _nothing(subject, "the model wrote no other version")
    return replace(best, tried=tried)


def _nothing(subject: Subject, reason: str) -> Optimised:
    return Optimised(subject.name, subject.text, "", 1.0, 0, 0, (), reason)


def _calls(session: Session, subject: Subject) -> Calls:
    """Arguments as they are usual (of the documentation and the model; guesses, if neither has any), and guesses."""
    node = subject.node
    tests = call_tests(subject.name, node, [subject.text]) if isinstance(node, ast.FunctionDef) else []
    known = dict.fromkeys(_arguments([t for t in tests if t.known], subject.name))
    known |= dict.fromkeys(example_calls(session, subject.span.text, subject.name))
    guessed = dict.fromkeys(_arguments([t for t in tests if not t.known], subject.name))
    usual = list(known)[:MOST_CALLS] or list(guessed)[:MOST_CALLS]
    return usual, [g for g in guessed if g not in known][:MOST_GUESSES]


def _arguments(tests: Sequence[Any], name: str) -> Iterator[str]:
    for test in tests:
        steps = (s for s in test.function.body if isinstance(s, ast.Assign))
        bound = {t.id: s.value for s in steps for t in s.targets if isinstance(t, ast.Name)}
        asserted = next(s for s in test.function.body if isinstance(s, ast.Assert))
        call = _Inline(bound).visit(asserted.test)
        if (arguments := literal_arguments(ast.unparse(call), name)) is not None:
            yield arguments


class _Inline(ast.NodeTransformer):
    def __init__(self, bound: dict[str, ast.expr]) -> None:
        self._bound = bound

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._bound.get(node.id, node)


def _versions(session: Session, subject: Subject, samples: int) -> Iterator[str]:
    """Whole texts of the file, none twice."""
    seen = {ast.dump(ast.parse(subject.text))}
    for code in faster(session, subject.span.text, samples):
        text = put_unit(subject.text, subject.span, subject.name, code)
        if text is not None and (shape := ast.dump(ast.parse(text))) not in seen:
            seen.add(shape)
            yield text


def _race(box: Box, subject: Subject, text: str, calls: Calls) -> Optimised:
    done, lines = _run(box, subject, text, calls)
    differ = next((line["differ"] for line in lines if "differ" in line), None)
    if differ:
        return _nothing(subject, f"a version was refuted: {_said(subject, differ)}")
    compared = next((line["compared"] for line in lines if "compared" in line), 0)
    if not compared:
        return _nothing(subject, _why_not(done))
    rows = tuple(Timing(r["size"], r["before"], r["after"], *r["memory"]) for r in lines if "size" in r)
    speedup = round(rows[-1].before / max(rows[-1].after, 1e-9), 2) if rows else 1.0
    if speedup < LEAST_GAIN:
        reason = f"an equal version was {speedup:.2f} times as fast, and below {LEAST_GAIN} is not called faster"
        return Optimised(subject.name, subject.text, "", speedup, compared, 1, rows, reason)
    patch = unified(subject.path.as_posix(), subject.text, text)
    outside = next((_said(subject, line["outside"]) for line in lines if "outside" in line), "")
    return Optimised(subject.name, text, patch, speedup, compared, 1, rows, "", outside)


def _said(subject: Subject, difference: Sequence[str]) -> str:
    arguments, before, after = difference
    inner = arguments.removesuffix(",)").removesuffix(")").removeprefix("(")
    return f"{subject.name}({inner}): {before} before, {after} with it"


def _why_not(done: Done) -> str:
    if done.exit_code is None:
        return "the comparison did not end in its time"
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"it could not be compared: {said[-1]}" if said else "no input was found on which it can be compared"


def _run(
    box: Box, subject: Subject, text: str, calls: tuple[list[str], list[str]]
) -> tuple[Done, list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory(dir=box.folder, prefix="race-", ignore_cleanup_errors=True) as folder:
        snapshot, scratch = box.tree or Path(folder, "code"), Path(folder, "scratch")
        place = (snapshot / box.name).parent
        place.mkdir(parents=True, exist_ok=True)
        scratch.mkdir()
        inside = (box.sandbox.place(snapshot) / box.name).parent
        for name, content in (("llm_review_before.py", subject.text), ("llm_review_after.py", text)):
            (place / name).write_text(content, "utf-8")
        spec = {
            "before": str(inside / "llm_review_before.py"),
            "after": str(inside / "llm_review_after.py"),
            "name": subject.name,
            "calls": calls[0],
            "others": calls[1],
            "budget": BUDGET,
            "report": str(scratch / "report.jsonl"),
        }
        (scratch / "spec.json").write_text(json.dumps(spec), "utf-8")
        program = shutil.copy(PROGRAM, scratch / "race.py")
        argv = (str(box.interpreter.path), str(program), str(scratch / "spec.json"))
        done = box.sandbox.run(argv, snapshot=snapshot, scratch=scratch, timeout=BUDGET * 2)
        report = scratch / "report.jsonl"
        lines = report.read_text("utf-8", "replace").splitlines() if report.is_file() else []
        return done, [json.loads(line) for line in lines if line.endswith("}")]
