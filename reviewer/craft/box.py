"""A place of its own where code is executed: a folder with one file, inside the sandbox."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..behaviour.calls import module_name
from ..errors import SandboxError
from ..foreign import records_at
from ..process import Done
from ..sandbox.base import Sandbox
from ..sandbox.choice import choose
from ..verify.interpreter import Interpreter, find, probe

PROGRAM = Path(__file__).with_name("inside.py")
FILE = "llm_review_code.py"  # no name that hides a module of Python


@dataclass(frozen=True, slots=True)
class Checked:
    """What checks said of a piece of code: `loaded` is "" or what importing it raised.

    By number: `answers` are "" or what was raised, `seen` the values that checks called `_seen_`, as text. A check that
    ended the process, or that it did not come to, has no answer.
    """

    loaded: str
    answers: Mapping[int, str]
    seen: Mapping[int, str]

    @property
    def passed(self) -> frozenset[int]:
        """The checks that held."""
        return frozenset(n for n, raised in self.answers.items() if not raised)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a script ended: the process, the value of its last expression ("" for none), what it raised and where.

    `line` is the deepest line of the script in the traceback, or 0.
    """

    done: Done
    value: str = ""
    raised: str = ""
    message: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """Executes code with one interpreter behind one set of walls; `folder` holds throw-away files.

    `tree` is a folder with the files around the code (a copy that may be spoilt) or None, `name` the code's file in it,
    `root` the project's top, of which the tree is a copy.
    """

    sandbox: Sandbox
    interpreter: Interpreter
    folder: Path
    tree: Path | None = None
    name: str = FILE
    root: Path | None = None

    def package(self, place: Path) -> tuple[str, Path]:
        """The package that the code's file is in, by its dotted name ("": none), and where its import starts.

        `place` is the top of the tree as code in the sandbox sees it.
        """
        name, folder = module_name(self.tree, self.name) if self.tree else ("", "")
        package = name if Path(self.name).stem == "__init__" else name.rpartition(".")[0]
        return package, place / folder if package else (place / self.name).parent

    def check(self, code: str, checks: Sequence[str], seconds: float) -> Checked:
        """Run a piece of code and then each of some statements in its names, each for at most `seconds`."""
        answers: dict[int, str] = {}
        seen: dict[int, str] = {}
        loaded = "it ended the process"
        spec = {"checks": list(checks), "seconds": seconds}
        _, lines = self._run(code, spec, 2.0 + seconds * (len(checks) + 1))
        for line in lines:
            if "loaded" in line:
                loaded = line["loaded"]
            elif "check" in line:
                answers[line["check"]] = line["raised"]
                seen |= {line["check"]: line["seen"]} if line["seen"] is not None else {}
        return Checked(loaded, answers, seen)

    def execute(self, code: str, seconds: float) -> Ran:
        """Run a piece of code as a script for at most `seconds`."""
        done, lines = self._run(code, {}, seconds)
        last = lines[-1] if lines else {}
        raised, message, line = last.get("raised") or ("", "", 0)
        return Ran(done, last.get("value") or "", raised, message, line)

    def _run(self, code: str, spec: Mapping[str, Any], timeout: float) -> tuple[Done, list[dict[str, Any]]]:
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="box-", ignore_cleanup_errors=True) as name:
            snapshot, scratch = self.tree or Path(name, "code"), Path(name, "scratch")
            file = snapshot / self.name
            file.parent.mkdir(parents=True, exist_ok=True)
            scratch.mkdir()
            file.write_text(code, "utf-8", "surrogateescape")
            path, report = self.sandbox.place(snapshot) / self.name, scratch / "report.jsonl"
            package, start = self.package(self.sandbox.place(snapshot))
            whole = {**spec, "path": str(path), "report": str(report), "package": package, "start": str(start)}
            (scratch / "spec.json").write_text(json.dumps(whole), "utf-8")
            program = shutil.copy(PROGRAM, scratch / "inside.py")
            argv = (str(self.interpreter.path), str(program), str(scratch / "spec.json"))
            done = self.sandbox.run(argv, snapshot=snapshot, scratch=scratch, timeout=timeout)
            return done, list(records_at(report))


def make_box(folder: Path, mode: str, python: str = "", root: Path | None = None) -> Box:
    """A box in a throw-away folder; `mode` is the sandbox setting, `python` an interpreter (default: the project's).

    `root` is the top of a project whose place the code is run at, or None. Raises SandboxError when walls are required
    and cannot be had, or the interpreter does not run.
    """
    top = root or folder / "here"
    top.mkdir(exist_ok=True)
    found = find(top, python or None) if root else None
    if not isinstance(found, Interpreter):
        path = Path(shutil.which(python) or python) if python else Path(sys.executable)
        found = probe(top, path, "--python" if python else "llm-review's own")
    if found is None:
        raise SandboxError(f"{python or sys.executable} is not a Python that runs", "name another one with --python")
    return Box(choose(mode, top, found.prefixes), found, folder)
