"""Faster, or clearer, versions of a function: only those that gave equal answers and were measured are shown."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..behaviour.calls import call_tests
from ..tasks.optimise import Aim, example_calls, literal_arguments
from ..tasks.session import Session
from ..verify.patch import unified
from .box import Box
from .contest import Calls, Contest, Timing, held
from .owntests import NOT_TESTED, OwnTests, Tested
from .plain import Shape, shape
from .subject import Subject, again
from .versions import of_model, of_rules

LEAST_GAIN = 1.2
SLOWEST = 0.8
# Seconds; below, what a call takes is noise, and nobody waits for it.
NOTICED = 1e-5
MOST_CALLS, MOST_GUESSES, AGAIN = 24, 60, 2
KNOWN_TYPES = frozenset(
    ("int", "float", "str", "bool", "bytes", "None", "list", "set", "frozenset", "dict", "tuple", "List", "Set", "Dict",
     "Tuple", "Optional", "Union", "Sequence", "Iterable", "Collection", "Mapping", "typing", "collections", "abc")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Optimised:
    """What became of one function. `patch` is "" where no version was shown to be equal and better; `reason` says why.

    `text` is the whole new file, or the old one. Of a shown version: `speedup` is that at the largest size; `compared`
    inputs gave equal answers, `inputs` says how many of each source ("recorded" in the project's tests, "grown" from
    usual calls, "drawn" by the annotations, by "hypothesis"); `tests` is what the project's tests say; `outside` tells
    of an unusual input on which it differs, or is "". `aim` "clearer" is by the two shapes and never called faster.
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
    aim: Aim = Aim.FASTER
    inputs: Mapping[str, int] = field(default_factory=dict)
    tests: Tested = NOT_TESTED
    shape_before: Shape | None = None
    shape_after: Shape | None = None


@dataclass(frozen=True, slots=True)
class Optimiser:
    """Tries versions of the functions of one file. `samples` is how many the model writes of each."""

    session: Callable[[], Session]
    box: Box
    tests: OwnTests
    samples: int
    aim: Aim = Aim.FASTER

    def __call__(self, subject: Subject, stage: Callable[[str], None]) -> Optimised:
        """The best version that is equal on every input; rules are tried before the model. Raises ModelError."""
        if not isinstance(subject.node, ast.FunctionDef) or "." in subject.name:
            return self._nothing(subject, "only plain functions of a module can be called with values of our own")
        stage(f"{subject.name}: calls to compare on")
        calls = self._calls(subject)
        found: list[Optimised] = []
        for number, text in enumerate(self._versions(subject, found), 1):
            stage(f"{subject.name}: version {number} against the original")
            found.append(self._judged(subject, text, calls, stage))
            if found[-1].patch and found[-1].speedup > 2 * LEAST_GAIN:
                break
        if not found:
            return self._nothing(subject, "the model wrote no other version")
        return replace(max(found, key=self._worth), tried=len(found))

    def _worth(self, one: Optimised) -> tuple[bool, float]:
        gain = one.shape_before.lines - one.shape_after.lines if one.shape_before and one.shape_after else 0
        return bool(one.patch), gain if self.aim is Aim.CLEARER else one.speedup if one.compared else 0.0

    def _versions(self, subject: Subject, found: Sequence[Optimised]) -> Iterator[str]:
        """By rules, then the model's; where all were refuted, its answer to what the first was refuted with."""
        if self.aim is Aim.FASTER:
            yield from of_rules(subject)
        session = self.session()
        yield from of_model(session, subject, self.samples, self.aim)
        refuted = next((o.reason for o in found if o.reason.startswith(REFUTED)), "")
        if refuted and not any(o.patch for o in found):
            wrong = refuted.removeprefix(REFUTED)
            retort = f"A version that was not equal gave another answer: {wrong}. Give the answer that was before.\n"
            yield from of_model(session, subject, AGAIN, self.aim, retort)

    def _judged(self, subject: Subject, text: str, calls: Calls, stage: Callable[[str], None]) -> Optimised:
        found = held(self.box, subject, text, calls)
        if found.differs or found.why:
            return self._nothing(subject, REFUTED + found.differs if found.differs else found.why)
        shapes = shape(subject.node), shape(again(subject, text).node)
        one = replace(
            self._nothing(subject, self._objection(found, *shapes)),
            speedup=found.speedup,
            compared=sum(found.inputs.values()),
            timings=found.timings,
            inputs=dict(found.inputs),
            outside=found.outside,
            shape_before=shapes[0],
            shape_after=shapes[1],
        )
        if one.reason:
            return one
        stage(f"{subject.name}: the project's tests")
        said = self.tests.judge(subject.text, subject.span, text)
        if said.failed:
            return replace(one, reason=f"{REFUTED}the project's test {said.failed} does not pass with it", tests=said)
        return replace(one, text=text, patch=unified(subject.path.as_posix(), subject.text, text), tests=said)

    def _objection(self, found: Contest, before: Shape, after: Shape) -> str:
        """Why an equal version is not shown, or ""."""
        if self.aim is Aim.CLEARER:
            if found.speedup < SLOWEST and found.timings[-1].after > NOTICED:
                return f"an equal version takes {1 / max(found.speedup, 1e-9):.1f} times as long"
            return "" if after.plainer_than(before) else "an equal version is neither shorter nor less branched"
        if found.speedup < LEAST_GAIN:
            return (
                f"an equal version was {found.speedup:.2f} times as fast, and below {LEAST_GAIN} is not called faster"
            )
        return ""

    def _nothing(self, subject: Subject, reason: str) -> Optimised:
        return Optimised(subject.name, subject.text, "", 1.0, 0, 0, (), reason, aim=self.aim)

    def _calls(self, subject: Subject) -> Calls:
        """Recorded calls; usual ones of the documentation, or else the model's; guesses.

        The model is asked only where nothing else tells how the function is called.
        """
        node = subject.node
        given = self.tests.recorded(subject)
        recorded = given.calls if given else ()
        tests = call_tests(subject.name, node, [subject.text]) if isinstance(node, ast.FunctionDef) else []
        known = dict.fromkeys(_arguments([t for t in tests if t.known], subject.name))
        if not recorded and not known and not annotated(node):
            known |= dict.fromkeys(example_calls(self.session(), subject.span.text, subject.name))
        guessed = dict.fromkeys(_arguments([t for t in tests if not t.known], subject.name))
        others = [g for g in guessed if g not in known][:MOST_GUESSES]
        return Calls(tuple(recorded), tuple(known)[:MOST_CALLS], tuple(others))


REFUTED = "a version was refuted: "


def annotated(node: ast.AST) -> bool:
    """Whether every parameter that must be given is annotated with types that values can be drawn for."""
    if not isinstance(node, ast.FunctionDef):
        return False
    given = [*node.args.posonlyargs, *node.args.args]
    needed = given[: len(given) - len(node.args.defaults)]
    texts = [ast.unparse(a.annotation) if a.annotation else "?" for a in needed]
    words = [set(re.findall(r"[\w?]+", text)) for text in texts]
    bare = {"list", "set", "dict", "tuple", "List", "Sequence", "Iterable", "Mapping"}
    return bool(needed) and all(w <= KNOWN_TYPES for w in words) and bare.isdisjoint(texts)


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
