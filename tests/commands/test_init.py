from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

from reviewer.cli import main
from tests.conftest import IDENTITY, Repo

SCRIPTS = Path(sysconfig.get_path("scripts"))
FILES = {"pyproject.toml", ".pre-commit-config.yaml", ".github/workflows/llm-review.yml"}


@pytest.fixture(autouse=True)
def _inside(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"pyproject.toml": "[project]\nname = 'x'\n"})
    monkeypatch.chdir(repo.root)
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)


def changed(repo: Repo) -> set[str]:
    return set(repo.git("ls-files", "--modified", "--others").split("\n")) - {""}


def test_what_is_written_is_shown_and_valid_and_written_once(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--dry-run"]) == 0
    assert changed(repo) == set()
    assert main(["init"]) == 0
    assert changed(repo) == FILES
    said = capsys.readouterr().out
    assert said.count("wrote ") == 3
    assert "    [tool.llm-review]\n" in said
    for words in (
        ("pre-commit", "validate-config", ".pre-commit-config.yaml"),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", ".github/workflows/llm-review.yml"),
        ("zizmor", "--offline", "--persona", "pedantic", "--quiet", ".github/workflows/llm-review.yml"),
    ):
        done = subprocess.run([SCRIPTS / words[0], *words[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    before = {name: (repo.root / name).read_text() for name in FILES}
    assert main(["init"]) == 0
    assert capsys.readouterr().out.count("alone: it ") == 3
    assert before == {name: (repo.root / name).read_text() for name in FILES}
    assert main(["diff", "--no-llm", "--no-tests", "--quiet"]) == 0


def test_without_a_pyproject_none_is_made(repo: Repo) -> None:
    (repo.root / "pyproject.toml").unlink()
    assert main(["init"]) == 0
    assert not (repo.root / "pyproject.toml").exists()


def test_gits_own_hook_reviews_and_is_never_put_over_anothers(
    repo: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = repo.root / ".git" / "hooks" / "pre-commit"
    assert main(["init", "--hook"]) == 0
    assert main(["init", "--hook"]) == 0
    assert "it is ours already" in capsys.readouterr().out
    repo.write("m.py", "import subprocess\n\n\ndef f(x):\n    return subprocess.run(x, shell=True, check=True)\n")
    repo.stage()
    env = os.environ | {"LLM_REVIEW_LLM": "false", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["git", "commit", "-m", "x"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "m.py:5  bandit/B602  blocks" in done.stdout + done.stderr
    hook.write_text("#!/bin/sh\n")
    assert main(["init", "--hook"]) == 2
    assert hook.read_text() == "#!/bin/sh\n"
    hook.unlink()
    repo.git("config", "core.hooksPath", "hooks of ours")
    assert main(["init", "--hook"]) == 2
    assert "hooks of ours" in capsys.readouterr().err
    assert not hook.exists()
