"""The project's own tests of one file: what they give its functions, and whether they pass with another version."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ..change.change import Change, FileChange, Hunk, Span, Status
from ..evidence.testfiles import DEFAULT_PATTERNS, INI_SECTIONS, patterns_from
from ..evidence.touched_tests import select
from ..foreign import from_json, text_at
from ..verify.inplace import replaced
from ..verify.outcome import PASSED
from ..verify.runner import Bench, environment_of, options_of, run_tests
from .box import Box
from .subject import Subject, definitions

PROGRAM = Path(__file__).with_name("recorder.py")
SECONDS = 120.0
MOST_FILES = 12


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a function was given while the tests ran: calls with literal arguments, and types by how often each came."""

    name: str
    count: int
    calls: tuple[str, ...]
    given: Mapping[str, Mapping[str, int]]
    returned: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Tested:
    """What the tests say of a version: how many ran the function and pass with it, `failed` the first that does not.

    `why` says why there is nothing to say, or is "".
    """

    __test__ = False
    passed: int = 0
    failed: str = ""
    why: str = ""


NOT_TESTED = Tested(why="nothing was there to be tested")


@dataclass(slots=True)
class OwnTests:
    """The tests that are near one file of a project. `why` says why there are none, or is ""."""

    box: Box
    why: str = ""
    _targets: tuple[str, ...] = ()
    _recorded: Mapping[str, Recorded] | None = None

    @classmethod
    def near(cls, box: Box) -> OwnTests:
        """Find them by imports and names; runs nothing yet."""
        if box.tree is None or box.root is None:
            return cls(box, "the file is in no repository")
        if box.interpreter.pytest is None:
            return cls(box, f"{box.interpreter.path} has no pytest")
        blob = "0" * 40
        file = FileChange(box.name, box.name, Status.MODIFIED, blob, blob, "100644", "100644", (Hunk(1, 1, 1, 1),))
        change = Change(str(box.root), "", "", (file,), "")
        found = select(change, box.tree, _patterns(box.tree))
        why = "" if found.targets else "no test of the project imports the file or is named after it"
        return cls(box, why, found.targets[:MOST_FILES])

    def recorded(self, subject: Subject) -> Recorded | None:
        """What a function is given in the tests; they are run once, on the text that the file has when first asked."""
        if self.why:
            return None
        if self._recorded is None:
            with self._having(subject.text):
                by_line = self._record()
            every = definitions(subject.path, subject.text)
            self._recorded = {s.name: by_line[s.span.start] for s in every if s.span.start in by_line}
        return self._recorded.get(subject.name)

    def _record(self) -> Mapping[int, Recorded]:
        bench = self._bench()
        with tempfile.TemporaryDirectory(dir=self.box.folder, prefix="record-", ignore_cleanup_errors=True) as name:
            scratch = Path(name)
            place = bench.sandbox.place(self._tree)
            report = scratch / "report.json"
            arguments = [*options_of(bench.interpreter, place, scratch), "--tb=no", *self._targets]
            spec = {"arguments": arguments, "place": str(place), "file": str(place / self.box.name)}
            (scratch / "spec.json").write_text(json.dumps({**spec, "report": str(report)}), "utf-8")
            program = shutil.copy(PROGRAM, scratch / "recorder.py")
            bench.sandbox.run(
                (str(bench.interpreter.path), str(program), str(scratch / "spec.json")),
                snapshot=self._tree,
                scratch=scratch,
                timeout=SECONDS,
                env=environment_of(bench.interpreter, 0),
            )
            return _read(report)

    def judge(self, before: str, span: Span, after: str) -> Tested:
        """Run the tests that pass on the text before, and run the lines of `span` there, with the text after."""
        if self.why:
            return Tested(why=self.why)
        with self._having(before):
            trace = {self.box.name: range(span.start + 1, span.end + 1)}
            base = run_tests(self._bench(), self._tree, self._targets, timeout=SECONDS, trace=trace)
        green = [n for n, o in base.outcomes.items() if o.outcome in PASSED and o.lines.get(self.box.name)]
        if not base.trusted:
            return Tested(why=f"the project's tests cannot be believed: {base.reason}")
        if not green:
            return Tested(why="no test of the project that passes runs it")
        with self._having(after):
            run = run_tests(self._bench(), self._tree, green, timeout=SECONDS)
        bad = [n for n in green if n not in run.outcomes or run.outcomes[n].outcome not in PASSED]
        return Tested(len(green) - len(bad), bad[0] if bad else "")

    @property
    def _tree(self) -> Path:
        return self.box.tree or self.box.folder

    def _having(self, text: str) -> AbstractContextManager[None]:
        return replaced(self._tree, {self.box.name: text.encode("utf-8", "surrogateescape")})

    def _bench(self) -> Bench:
        return Bench(self.box.sandbox, self.box.interpreter, self.box.root or self.box.folder, self.box.folder)


def _patterns(tree: Path) -> tuple[str, ...]:
    names = ("pyproject.toml", *INI_SECTIONS)
    texts = {n: (tree / n).read_text("utf-8", "replace") for n in names if (tree / n).is_file()}
    return patterns_from(texts) if texts else DEFAULT_PATTERNS


def _read(report: Path) -> dict[int, Recorded]:
    """What is in the report, as far as it is one: code under review could have written it."""
    try:
        data = from_json(text_at(report))
        return {
            int(line): Recorded(o["name"], o["count"], tuple(map(str, o["calls"])), o["given"], o["returned"])
            for line, o in data.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
