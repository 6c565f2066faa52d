from __future__ import annotations

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

from reviewer.report import FORMATS
from reviewer.starter import WORKFLOW

TOP = Path(__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))
CHECK = SCRIPTS / "check-jsonschema"
WORKFLOWS = sorted((TOP / ".github" / "workflows").iterdir())


def test_the_example_for_gitlab_is_what_gitlab_reads(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", (TOP / "docs" / "ci.md").read_text("utf-8"), re.DOTALL)
    path = tmp_path / "gitlab-ci.yml"
    path.write_text(text)
    words = [str(CHECK), "--builtin-schema", "vendor.gitlab-ci", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_formats_that_are_named_exist() -> None:
    for name in ("README.md", "docs/ci.md", "action.yml"):
        for word in re.findall(r"--format[= ]([a-z]+)", (TOP / name).read_text("utf-8")):
            assert word in FORMATS


def test_actions_are_pinned_alike_everywhere() -> None:
    """By commit, and each with one commit: what one file learns, the others do."""
    files = [TOP / "action.yml", TOP / "README.md", *WORKFLOWS]
    texts = [WORKFLOW, *(path.read_text("utf-8") for path in files)]
    pins = {(m[1], m[2]) for text in texts for m in re.finditer(r"uses: ([\w.-]+/[\w./-]+)@(\S+)", text)}
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for _, commit in pins)
    assert len({name for name, _ in pins}) == len(pins)
    assert yaml.safe_load(WORKFLOW)["permissions"] == {}


@pytest.mark.parametrize(
    "words",
    [
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
        ("zizmor", "--offline", "--persona", "pedantic", "--quiet"),
    ],
)
def test_others_find_nothing_wrong_with_our_own_workflows(words: tuple[str, ...]) -> None:
    argv = [str(SCRIPTS / words[0]), *words[1:], *map(str, WORKFLOWS)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
