"""What the attacks on the whole program share: `llm-review` in a small repository, and a model that obeys."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reviewer.cli import main
from reviewer.llm.base import OnText, Reply, Request, Sample
from reviewer.review import ModelInfo, Usage
from tests.conftest import Repo

CLEAN = "def add(a, b):\n    return a + b\n"
FLAW = "def add(a, b):\n    return a + undefined_name\n"
SHELL = "import subprocess\n\n\ndef listing(folder):\n    return subprocess.call('ls ' + folder, shell=True)\n"


@dataclass(frozen=True)
class Said:
    """What came of one run."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.out)
        return loaded

    @property
    def rules(self) -> set[str]:
        return {finding["rule_id"] for finding in self.report["findings"]}

    @property
    def blocking(self) -> set[tuple[str, str, str]]:
        """What blocks: rule, path and proof."""
        return {(f["rule_id"], f["path"], f["proof"]) for f in self.report["findings"] if f["blocking"]}


class Target:
    """A repository that is attacked, and the program that reviews it."""

    def __init__(self, repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
        self.repo, self._capsys = repo, capsys

    def changed(self, base: Mapping[str, str | bytes], head: Mapping[str, str | bytes]) -> None:
        """Commit the base and stage the head."""
        self.repo.commit(dict(base))
        for path, content in head.items():
            self.repo.write(path, content)
        self.repo.stage()

    def run(self, *words: str) -> Said:
        """Run the program; it must not break, nor change the repository."""
        before = self.repo.state()
        self._capsys.readouterr()
        code = main(words)
        said = self._capsys.readouterr()
        assert "Traceback" not in said.err
        assert "bug in llm-review" not in said.err
        assert self.repo.state() == before
        return Said(code, said.out, said.err)

    def diff(self, *words: str) -> Said:
        """The tools' review, as JSON."""
        return self.run("diff", "--no-llm", "--no-tests", "--format", "json", *words)

    def executed(self, python: Path, sandbox: str, *words: str) -> Said:
        """The review with the tests run."""
        where = ("--python", str(python), "--sandbox", sandbox)
        return self.run("diff", "--no-llm", "--format", "json", *where, *words)

    def plain(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """A command as everybody would run it in the repository."""
        return subprocess.run(argv, cwd=self.repo.root, capture_output=True, text=True, check=False, env=os.environ)


class Obeying:
    """A model that does what the code under review tells it to: it answers everything with `answer`.

    Where a form is asked for, `form` is the reply. `asked` has every question in full.
    """

    def __init__(self, answer: str, form: Mapping[str, Any]) -> None:
        self.answer, self.form = answer, json.dumps(form)
        self.asked: list[str] = []

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("fake", "obeying", "0" * 64)

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        self.asked.append(request.system + request.shared + request.prompt + request.prefill)
        text = self.form if request.schema else self.answer
        return Reply((Sample(text, "stop"),) * request.samples, Usage(1, 0, 1), 0.0)

    def close(self) -> None:
        pass
