"""Enough of GitHub's runner to execute a composite action's steps in order: expressions, `if`, outputs, a cache."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
_TEST = re.compile(r"([\w.-]+) (==|!=) '([^']*)'")


@dataclass
class Runner:
    """A machine with an action on it. `cache` outlives it; `env` is what a job sets; `after` is called after a step."""

    action: Path
    workspace: Path
    temp: Path
    cache: dict[str, Path]
    env: dict[str, str] = field(default_factory=dict)
    after: Callable[[str], None] = lambda _: None
    ran: list[str] = field(default_factory=list)
    uploaded: list[dict[str, Any]] = field(default_factory=list)
    log: str = ""
    failed: bool = False

    def run(self, **given: str) -> dict[str, str]:
        """Execute the action with these inputs (dashes as underscores) and return its outputs."""
        action = yaml.safe_load((self.action / "action.yml").read_text("utf-8"))
        named = {name.replace("_", "-"): value for name, value in given.items()}
        assert named.keys() <= action["inputs"].keys()
        self._values = {
            "runner.temp": str(self.temp), "runner.os": "Linux", "runner.arch": "X64", "github.token": "job-token",
        }  # fmt: skip
        for name, about in action["inputs"].items():
            self._values[f"inputs.{name}"] = named.get(name, self._filled(about.get("default", "")))
        saved = []
        for step in action["runs"]["steps"]:
            if self._wanted(step.get("if", "")):
                self.ran.append(step["name"])
                saved += self._used(step) if "uses" in step else self._shell(step)
                self.after(step["name"])
        for key, folder in saved:
            if not self.failed and folder.exists() and key not in self.cache:
                kept = self.temp.parent / f"cache-{len(self.cache)}"
                shutil.copytree(folder, kept, symlinks=True)
                self.cache[key] = kept
        return {name: self._filled(about["value"]) for name, about in action["outputs"].items()}

    def _filled(self, text: str) -> str:
        return _EXPRESSION.sub(lambda found: self._values.get(found[1], ""), text)

    def _wanted(self, condition: str) -> bool:
        """Whether a step's condition holds; `always()` alone outlives a failure."""
        words, always = condition.replace("always() && ", ""), "always()" in condition
        if self.failed and not always:
            return False
        answer = _TEST.sub(lambda t: str((self._values.get(t[1], "") == t[3]) == (t[2] == "==")), words)
        assert re.fullmatch(r"[()\s]*(?:(?:True|False|&&|\|\|)[()\s]*)*", answer), answer
        return bool(eval(answer.replace("&&", "and").replace("||", "or") or "True"))

    def _used(self, step: dict[str, Any]) -> list[tuple[str, Path]]:
        assert re.search(r"@[0-9a-f]{40}$", step["uses"])
        words = {name: self._filled(value) for name, value in step["with"].items()}
        if step["uses"].startswith("actions/cache@"):
            folder = Path(words["path"])
            if words["key"] in self.cache:
                shutil.copytree(self.cache[words["key"]], folder, symlinks=True)
            return [(words["key"], folder)]
        assert step["uses"].startswith("github/codeql-action/upload-sarif@")
        self.uploaded.append(json.loads(Path(words["sarif_file"]).read_text("utf-8")))
        return []

    def _shell(self, step: dict[str, Any]) -> list[tuple[str, Path]]:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]
        outputs = self.temp / "output"
        outputs.write_text("")
        env = os.environ | self.env | {k: self._filled(v) for k, v in step.get("env", {}).items()}
        env |= {"GITHUB_ACTION_PATH": str(self.action), "GITHUB_OUTPUT": str(outputs)}
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(words, cwd=self.workspace, env=env, capture_output=True, text=True, check=False)
        self.log += done.stdout + done.stderr
        self.failed |= done.returncode != 0
        for line in outputs.read_text().splitlines():
            name, _, value = line.partition("=")
            self._values[f"steps.{step.get('id')}.outputs.{name}"] = value
        return []
