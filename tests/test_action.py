"""action.yml: by the schemas and audits of others, and executed step by step."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from reviewer.arguments import parser
from tests.conftest import IDENTITY, Repo
from tests.forge.server import GitHub, served
from tests.runner import Runner
from tests.test_hooks import LENT, PACKAGES

TOP = Path(__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))
FINE = "def add(a, b):\n    return a + b\n"
BROKEN = "def add(a, b):\n    return a + c\n"


@pytest.mark.parametrize(
    "words",
    [
        ("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"),
        ("zizmor", "--offline", "--persona", "pedantic", "--quiet", "action.yml"),
    ],
)
def test_others_find_nothing_wrong_with_it(words: tuple[str, ...]) -> None:
    done = subprocess.run([SCRIPTS / words[0], *words[1:]], cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_for_gitlab_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", (TOP / "docs/ci.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / ".gitlab-ci.yml").write_text(text)
    words = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", tmp_path / ".gitlab-ci.yml")
    done = subprocess.run([SCRIPTS / "check-jsonschema", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (command,) = [line for line in yaml.safe_load(text)["llm-review"]["script"] if " ci " in line]
    assert parser().parse_args(shlex.split(command)[1:]).command == "ci"


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The action as the runner downloads it."""
    folder = tmp_path_factory.mktemp("action") / "a"
    folder.mkdir()
    for name in ("reviewer", "pyproject.toml", "README.md", "LICENSE", "action.yml"):
        (shutil.copytree if (TOP / name).is_dir() else shutil.copy)(TOP / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def cache() -> dict[str, Path]:
    return {}


@pytest.fixture
def runner(action: Path, cache: dict[str, Path], repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A runner with a pull request's checkout whose head is broken; pip has no network, so our packages are lent."""
    temp = tmp_path_factory.mktemp("machine") / "temp"
    temp.mkdir()
    base = repo.commit({"m.py": FINE})
    head = repo.commit({"m.py": BROKEN})
    repository = {"full_name": "o/r", "default_branch": "main"}
    pull = {"number": 7, "base": {"sha": base}, "head": {"sha": head, "repo": {"full_name": "o/r"}}}
    (temp / "event.json").write_text(json.dumps({"repository": repository, "pull_request": pull}))
    env = {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(temp / "event.json"),
        "GITHUB_STEP_SUMMARY": str(temp / "summary.md"),
        "GITHUB_API_URL": "http://127.0.0.1:1",
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(temp),
    }
    made = Runner(action, repo.root, temp, cache, IDENTITY | LENT | env)

    def lend(step: str) -> None:
        if step == "Install llm-review":
            (packages,) = (temp / "llm-review" / "venv" / "lib").glob("python*/site-packages")
            (packages / "lent.pth").write_text(f"{PACKAGES}\n")
            made.env.pop("PYTHONPATH", None)

    made.after = lend
    return made


@pytest.fixture
def hub(runner: Runner, repo: Repo) -> Iterator[GitHub]:
    with served(GitHub(repo.git("rev-parse", "HEAD"), {"m.py": {1, 2}})) as one:
        runner.env["GITHUB_API_URL"] = one.address
        yield one


def test_a_pull_request_with_a_mistake_fails_and_says_so_everywhere(runner: Runner, hub: GitHub) -> None:
    report = runner.temp / "r.json"
    outputs = runner.run(llm="false", upload_sarif="true", format=f"json={report}\n", deadline="100")
    assert runner.failed, runner.log
    assert runner.ran == [
        "Look for Python", "Keep the environment", "Install llm-review", "Review", "Send the findings to code scanning",
    ]  # fmt: skip
    findings = json.loads(report.read_text())["findings"]
    assert "ruff/F821" in {finding["rule_id"] for finding in findings}
    assert (outputs["findings"], outputs["complete"]) == (str(len(findings)), "true")
    assert outputs["blocking"] == str(sum(finding["blocking"] for finding in findings))
    assert "::error file=m.py,line=2" in runner.log
    assert "`m.py:2`" in (runner.temp / "summary.md").read_text()
    assert json.loads(report.read_text())["exit_code"] == 1
    assert [len(log["runs"][0]["results"]) for log in runner.uploaded] == [len(findings)]
    assert 2 in [comment["line"] for comment in hub.reviews[0]["comments"]]
    assert hub.tokens == {"token job-token"}


def test_a_good_change_passes_out_of_the_cache_and_no_input_is_code(runner: Runner, repo: Repo) -> None:
    (runner.temp / "event.json").write_text(
        (runner.temp / "event.json")
        .read_text()
        .replace(repo.git("rev-parse", "HEAD"), repo.commit({"m.py": FINE + "\n"}))
    )
    runner.run(llm="false", token="", fail_on="never")
    assert not runner.failed, runner.log
    runner.ran.clear()
    shutil.rmtree(runner.temp / "llm-review")
    runner.run(llm="false", token="", base="$(touch pwned)", fail_on='never" ; touch pwned ; "')
    assert runner.failed
    assert "pwned" not in {path.name for path in runner.workspace.iterdir()}


def test_a_model_that_cannot_be_had_is_a_warning(runner: Runner) -> None:
    runner.run(token="", model=str(runner.temp / "none.gguf"))
    assert "::warning title=llm-review::the model could not be had" in runner.log, runner.log
    assert runner.ran[-2:] == ["Get the model", "Review"]


def test_an_old_python_is_refused(runner: Runner) -> None:
    old = runner.temp / "bin"
    old.mkdir()
    (old / "python3").write_text("#!/bin/sh\nexit 1\n")
    (old / "python3").chmod(0o755)
    runner.env["PATH"] = f"{old}:{runner.env['PATH']}"
    runner.run(llm="false")
    assert runner.failed
    assert runner.ran == ["Look for Python"]
    assert "Python 3.11 or later is needed" in runner.log
