"""A review as a user starts it, in a place of its own: what it leaves behind can be told from everything else."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from tests.conftest import IDENTITY, Repo
from tests.llm.engine import ENGINE
from tests.llm.test_gguf import PAIRS, gguf

TOTAL = "def total(prices):\n    result = 0\n    for price in prices{}:\n        result += price\n    return result\n"
SHIPPING = "\n\ndef shipping(weight):\n    return 5 if weight < 10 else 9\n"
LABEL = "\n\ndef label(name):\n    return subprocess.call('print ' + name, shell=True)\n"
TESTS = (
    "from shop.cart import shipping, total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n\n\n"
    "def test_shipping():\n    assert shipping(3) == 5\n"
)
BASE = {"shop/__init__.py": "", "shop/cart.py": TOTAL.format("") + SHIPPING, "tests/test_cart.py": TESTS}
HEAD = {"shop/cart.py": "import subprocess\n\n\n" + TOTAL.format("[1:]") + SHIPPING + LABEL}
# Its word for an endless answer is in the word "change", which is in every question of a review.
STAND_IN = ENGINE.replace('if "hang" in prompt', 'if "hang" == prompt')
ROOT = Path(__file__).parents[2]
PROGRAM = ("-P", "-m", "reviewer", "diff", "--format", "json")
SECONDS = 120.0


@dataclass(frozen=True)
class Said:
    """What came of one run: `peak` is the most memory that it, or a process that it waited for, had, in bytes."""

    code: int
    out: str
    err: str
    seconds: float
    peak: int

    @property
    def report(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.out)
        return loaded

    def skipped(self, what: str) -> str:
        """Why something was not done."""
        return "; ".join(s["reason"] for s in self.report["skipped"] if s["what"].startswith(what))

    @property
    def essence(self) -> tuple[object, ...]:
        """What two reviews of one change must agree on."""
        report = self.report
        findings = [
            (f["id"], f["blocking"], f["proof"], f["path"], f["start_line"], f["message"]) for f in report["findings"]
        ]
        skipped = sorted((s["what"], s["reason"]) for s in report["skipped"])
        return (self.code, report["base"], report["head"], findings, skipped, report["tests"])


class Place:
    """A repository, and folders for all that a review keeps; `token` is in the name of each of them."""

    def __init__(self, folder: Path, python: Path) -> None:
        self.token = f"place-{uuid.uuid4().hex}"
        self.folder, self.python = folder / self.token, python
        self.repo = Repo(self.folder / "repo")
        for name in ("tmp", "home", "bin", "engine"):
            (self.folder / name).mkdir()
        self.repo.commit(dict(BASE))
        for path, content in HEAD.items():
            self.repo.write(path, content)
        self.repo.stage()
        self.model = self.folder / "engine" / "tiny.gguf"
        self.model.write_bytes(gguf(PAIRS))
        self.engine(STAND_IN)

    def engine(self, source: str) -> None:
        """What stands in for the engine."""
        (self.folder / "engine" / "xllamacpp.py").write_text(source)

    def spoil(self, tool: str, fault: str, when: str = "") -> None:
        """A shell script takes a tool's place; with `when`, only where its words have that one."""
        path = self.folder / "bin" / tool
        path.write_text(
            f'#!/bin/sh\ncase " $* " in *" {when} "*) {fault};; esac\nexec {shutil.which(tool)} "$@"\n'
            if when
            else f"#!/bin/sh\n{fault}\n"
        )
        path.chmod(0o755)
        if tool == "ruff":
            (self.folder / "engine" / "sitecustomize.py").write_text(
                f"from reviewer.evidence import ruff\nruff.find_ruff = lambda: {str(path)!r}\n"
            )

    def words(self, *words: str, llm: bool = False) -> tuple[str, ...]:
        """The command line."""
        model = ("--model", str(self.model), "--samples", "1") if llm else ("--no-llm",)
        return (sys.executable, *PROGRAM, "--python", str(self.python), *model, *words)

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of the user's."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LLM_REVIEW_", "GIT_", "XDG_")) and k != "CI"}
        own = {
            "LLM_REVIEW_CACHE_DIR": "cache", "LLM_REVIEW_STATE_DIR": "state", "LLM_REVIEW_RUNTIME_DIR": "run",
            "LLM_REVIEW_SNAPSHOTS": "snapshots", "TMPDIR": "tmp", "HOME": "home",
        }  # fmt: skip
        folders = {name: str(self.folder / folder) for name, folder in own.items()}
        fixed = {
            "LLM_REVIEW_SERVE_IDLE": "0",
            "LLM_REVIEW_BACKGROUND": "false",
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            # Our own interpreter finds its packages by this under another name too.
            "PYTHONPATH": os.pathsep.join((str(self.folder / "engine"), str(ROOT), *site.getsitepackages())),
        }
        return kept | IDENTITY | folders | fixed | more

    def start(self, *words: str, llm: bool = False, **more: str) -> subprocess.Popen[bytes]:
        """Begin a review, in a session of its own."""
        return subprocess.Popen(
            self.words(*words, llm=llm), cwd=self.repo.root, env=self.environment(**more), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def review(self, *words: str, llm: bool = False, before: Sequence[str] = (), **more: str) -> Said:
        """Run it to its end; it must change nothing in the repository, leave nothing behind and not break."""
        state, begin = self.repo.state(), time.monotonic()
        argv = (*before, *self.words(*words, llm=llm))
        out, err = self.folder / "out", self.folder / "err"
        with out.open("wb") as one, err.open("wb") as two:
            process = subprocess.Popen(
                argv, cwd=self.repo.root, env=self.environment(**more), stdin=subprocess.DEVNULL,
                stdout=one, stderr=two,
            )  # fmt: skip
            peak = _waited(process, SECONDS)
        said = Said(process.returncode, out.read_text("utf-8"), err.read_text("utf-8"), time.monotonic() - begin, peak)
        assert "Traceback" not in said.err, said.err
        assert "bug in llm-review" not in said.err, said.err
        assert self.left() == {}
        assert self.repo.state() == state
        return said

    def left(self, patience: float = 10.0) -> Mapping[str, list[str]]:
        """What is left of a review that has ended: processes, mounts, temporary files."""
        end = time.monotonic() + patience
        while (found := self._left()) and time.monotonic() < end:
            time.sleep(0.05)
        return found

    def _left(self) -> Mapping[str, list[str]]:
        mounts = Path("/proc/self/mounts")
        found = {
            "processes": [f"{pid} {words}" for pid, words in self._processes()],
            "mounts": [m for m in mounts.read_text().splitlines() if self.token in m] if mounts.exists() else [],
            "files": [str(Path(at, name)) for at, *names in os.walk(self.folder / "tmp") for name in chain(*names)],
        }
        return {name: some for name, some in found.items() if some}

    def _processes(self) -> list[tuple[str, str]]:
        """Those whose words, environment or folder have the token, but for this one."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            if place.name == str(os.getpid()):
                continue
            try:
                words, environment = ((place / name).read_bytes() for name in ("cmdline", "environ"))
            except OSError:
                continue
            if self.token.encode() in words + environment:
                found.append((place.name, words.replace(b"\0", b" ").decode("utf-8", "replace")[:200]))
        return found


def _waited(process: subprocess.Popen[bytes], seconds: float) -> int:
    """Wait for its end; the peak of its memory. A review that does not end is one that broke."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise AssertionError(f"it did not end within {seconds:g} seconds")
