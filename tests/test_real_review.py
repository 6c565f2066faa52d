"""The example of `make review`, reviewed by the default model: the one test in which nothing is a stand-in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reviewer import cli
from reviewer.llm.catalog import DEFAULT, find
from reviewer.llm.download import is_present

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "make_repository.py"
BUG, FLAW, SLOW = "bug/test-regression", "bandit/B602", "performance/list-search-in-loop"

pytestmark = [
    pytest.mark.model,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not is_present(find(DEFAULT)), reason=f"{DEFAULT} is not here: llm-review model pull"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("real")
    subprocess.run([sys.executable, str(EXAMPLE), str(folder / "shop")], check=True)
    output = folder / "review.json"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CACHE", "STATE", "RUNTIME"):  # a kept answer of the user's own would show nothing of the model
            patch.setenv(f"LLM_REVIEW_{name}_DIR", str(folder / name.lower()))
        patch.setenv("LLM_REVIEW_SERVE_IDLE", "0")
        patch.setenv("LLM_REVIEW_BACKGROUND", "false")
        patch.chdir(folder / "shop")
        code = cli.main(["diff", "--python", sys.executable, "--format", f"json={output}"])
    loaded: dict[str, Any] = json.loads(output.read_text())
    assert code == loaded["exit_code"] == 1
    return loaded


def test_bug_flaw_and_slow_function_are_found_each_with_its_proof(report: dict[str, Any]) -> None:
    found = {f["rule_id"]: f for f in report["findings"]}
    assert {rule: found[rule]["proof"] for rule in (BUG, FLAW, SLOW)} == {BUG: "reproduced", FLAW: "tool", SLOW: "tool"}
    assert [found[rule]["blocking"] for rule in (BUG, FLAW, SLOW)] == [True, True, False]
    assert found[BUG]["quote"].strip() == "first = number * size"
    assert report["complete"]


def test_the_fix_of_the_bug_is_verified_and_the_flaw_explained(report: dict[str, Any]) -> None:
    found = {f["rule_id"]: f for f in report["findings"]}
    assert found[BUG]["suggestion"]["verdict"] == "verified"
    assert len(found[FLAW]["explanation"]) > 30


def test_the_change_is_explained_and_the_receipt_says_by_whom(report: dict[str, Any]) -> None:
    assert {e["name"] for e in report["explanations"]} == {"page", "all_tags", "publish"}
    assert len(report["summary"]) > 30
    assert report["receipt"]["model"]["sha256"] == find(DEFAULT).sha256
    assert report["receipt"]["tokens"]["completion"] > 50
